"""The words that sheets use for the values of a field, in the police's own wording; a value's number serves as well."""

from collections.abc import Mapping
from enum import Enum
from functools import cache

from portal.registry.states import CameraStatus
from portal.registry.values import (
    CAMERA_TYPE_CODES,
    CameraType,
    CodeEdition,
    Direction,
    Encoding,
    FillLight,
    FunctionType,
    Maker,
    Networked,
    NetworkMode,
    PatrolMode,
    PlaceType,
    PointType,
    PositionMethod,
    PositionType,
    PowerSource,
    Sector,
)

CAMERA_STATUS_CODES = {CameraStatus.IN_USE: "1", CameraStatus.REPAIR: "2", CameraStatus.DISMANTLED: "3"}

# The first word of each value is the one that is written; the others are understood.
WORDS: Mapping[type[Enum], Mapping[Enum, tuple[str, ...]]] = {
    CameraType: {
        CameraType.PTZ_DOME: ("球机", "云台球机"),
        CameraType.HEMISPHERE: ("半球", "半球机"),
        CameraType.FIXED_BULLET: ("固定枪机", "枪机"),
        CameraType.REMOTE_BULLET: ("遥控枪机",),
        CameraType.CHECKPOINT_BULLET: ("卡口枪机",),
        CameraType.UNKNOWN: ("未知",),
    },
    PointType: {
        PointType.FIRST: ("一类视频监控点", "一类", "一类点"),
        PointType.SECOND: ("二类视频监控点", "二类", "二类点"),
        PointType.THIRD: ("三类视频监控点", "三类", "三类点"),
        PointType.POLICE_INTERNAL: ("公安内部视频监控点", "公安内部"),
        PointType.OTHER: ("其他点位", "其他"),
    },
    CodeEdition: {
        CodeEdition.Y2016: ("2016", "GB/T 28181-2016"),
        CodeEdition.Y2022: ("2022", "GB/T 28181-2022"),
    },
    Maker: {
        Maker.HIKVISION: ("海康威视", "海康", "hikvision"),
        Maker.DAHUA: ("大华", "大华技术", "dahua"),
        Maker.TIANDY: ("天地伟业", "tiandy"),
        Maker.KEDACOM: ("科达", "kedacom"),
        Maker.AXIS: ("安讯士", "axis"),
        Maker.BOSCH: ("博世", "bosch"),
        Maker.YAAN: ("亚安", "yaan"),
        Maker.INFINOVA: ("英飞拓", "infinova"),
        Maker.UNIVIEW: ("宇视", "宇视科技", "uniview"),
        Maker.HISENSE: ("海信", "hisense"),
        Maker.VIMICRO: ("中星电子", "中星微", "vimicro"),
        Maker.MINGJING: ("明景", "mingjing"),
        Maker.LENOVO: ("联想", "lenovo"),
        Maker.ZTE: ("中兴", "zte"),
        Maker.HUAWEI: ("华为", "huawei"),
        Maker.OTHER: ("其他", "其它"),
    },
    FunctionType: {
        FunctionType.VEHICLE_CHECKPOINT: ("车辆卡口",),
        FunctionType.PERSON_CHECKPOINT: ("人员卡口",),
        FunctionType.MICRO_CHECKPOINT: ("微卡口",),
        FunctionType.FEATURE: ("特征摄像机",),
        FunctionType.ORDINARY: ("普通监控", "普通"),
        FunctionType.LOOKOUT: ("高空瞭望摄像机", "高空瞭望"),
        FunctionType.OTHER: ("其他", "其它"),
    },
    FillLight: {
        FillLight.NONE: ("无补光", "无"),
        FillLight.INFRARED: ("红外补光", "红外"),
        FillLight.WHITE: ("白光补光", "白光"),
        FillLight.LASER: ("激光补光", "激光"),
        FillLight.OTHER: ("其他", "其它"),
    },
    Encoding: {
        Encoding.MPEG4: ("MPEG-4", "mpeg4"),
        Encoding.H264: ("H.264", "h264"),
        Encoding.SVAC: ("SVAC",),
        Encoding.H265: ("H.265", "h265"),
    },
    PositionType: {
        PositionType.PROVINCE_CHECKPOINT: ("省际检查站",),
        PositionType.GOVERNMENT: ("党政机关",),
        PositionType.STATION: ("车站码头",),
        PositionType.SQUARE: ("中心广场",),
        PositionType.STADIUM: ("体育场馆",),
        PositionType.COMMERCE: ("商业中心",),
        PositionType.RELIGION: ("宗教场所",),
        PositionType.CAMPUS: ("校园周边",),
        PositionType.COMPLEX_ORDER: ("治安复杂区域",),
        PositionType.ARTERY: ("交通干线",),
        PositionType.HOSPITAL: ("医院周边",),
        PositionType.FINANCE: ("金融机构周边",),
        PositionType.DANGEROUS_GOODS: ("危险物品场所周边",),
        PositionType.EXHIBITION: ("博物馆展览馆",),
        PositionType.WATERS: ("重点水域、航道", "重点水域"),
        PositionType.CITY_CHECKPOINT: ("市际公安检查站",),
        PositionType.FOREIGN: ("涉外场所",),
        PositionType.BORDER: ("边境沿线",),
        PositionType.TOURISM: ("旅游景区",),
    },
    Direction: {
        Direction.EAST: ("西向东", "由西向东", "东", "向东", "朝东"),
        Direction.WEST: ("东向西", "由东向西", "西", "向西", "朝西"),
        Direction.SOUTH: ("北向南", "由北向南", "南", "向南", "朝南"),
        Direction.NORTH: ("南向北", "由南向北", "北", "向北", "朝北"),
        Direction.SOUTHEAST: ("西北向东南", "东南", "向东南"),
        Direction.NORTHEAST: ("西南向东北", "东北", "向东北"),
        Direction.SOUTHWEST: ("东北向西南", "西南", "向西南"),
        Direction.NORTHWEST: ("东南向西北", "西北", "向西北"),
        Direction.ROUND: ("全方位", "全向"),
    },
    Networked: {Networked.NO: ("未联网", "否"), Networked.YES: ("已联网", "联网", "是")},
    CameraStatus: {
        CameraStatus.IN_USE: ("在用", "正常"),
        CameraStatus.REPAIR: ("维修", "维修中"),
        CameraStatus.DISMANTLED: ("拆除", "已拆除"),
    },
    Sector: {
        Sector.POLICE: ("公安机关", "公安"),
        Sector.ENVIRONMENT: ("环保部门", "环保"),
        Sector.CULTURE: ("文博部门", "文博"),
        Sector.MEDICAL: ("医疗部门", "医疗"),
        Sector.TOURISM: ("旅游管理", "旅游"),
        Sector.PRESS: ("新闻广电",),
        Sector.FOOD_DRUG: ("食品医药监管部门", "食药监管"),
        Sector.EDUCATION: ("教育管理部门", "教育"),
        Sector.PROCURATORATE: ("检察院",),
        Sector.COURT: ("法院",),
        Sector.FINANCE: ("金融部门", "金融"),
        Sector.TRANSPORT: ("交通部门", "交通"),
        Sector.HOUSING: ("住房和城乡建设部门", "住建"),
        Sector.WATER: ("水利部门", "水利"),
        Sector.FORESTRY: ("林业部门", "林业"),
        Sector.WORK_SAFETY: ("安全生产监管部门", "安监"),
        Sector.CITY_APPEARANCE: ("市政市容部门", "市容"),
        Sector.LAND: ("国土局", "国土"),
    },
    PositionMethod: {
        PositionMethod.GPS: ("手持GPS", "手持定位", "GPS", "北斗"),
        PositionMethod.MAP_PICK: ("地图选点", "地图标注"),
        PositionMethod.GEOCODE: ("地址解析",),
        PositionMethod.SURVEY: ("测绘", "实地测绘"),
        PositionMethod.UNKNOWN: ("未知",),
    },
    PowerSource: {
        PowerSource.MAINS: ("市电",),
        PowerSource.POE: ("POE供电", "POE"),
        PowerSource.SOLAR: ("太阳能",),
        PowerSource.BATTERY: ("蓄电池",),
        PowerSource.OTHER: ("其他", "其它"),
    },
    NetworkMode: {
        NetworkMode.FIBRE: ("光纤",),
        NetworkMode.CABLE: ("网线", "有线"),
        NetworkMode.MOBILE: ("移动网络", "4G", "5G"),
        NetworkMode.RADIO: ("无线网桥", "无线"),
        NetworkMode.OTHER: ("其他", "其它"),
    },
    PatrolMode: {
        PatrolMode.CONTINUOUS: ("实时值守",),
        PatrolMode.TIMED: ("定时轮巡",),
        PatrolMode.RANDOM: ("不定时抽查",),
        PatrolMode.ON_ALARM: ("报警联动",),
        PatrolMode.AFTERWARDS: ("事后回看",),
    },
    PlaceType: {
        PlaceType.OUTDOORS: ("室外", "户外"),
        PlaceType.ENTRANCE: ("大门、出入口", "出入口", "大门"),
        PlaceType.PASSAGE: ("走廊、楼梯、电梯", "走廊", "楼道", "楼梯", "电梯"),
        PlaceType.HALL: ("大厅、门厅", "大厅", "门厅"),
        PlaceType.COUNTER: ("柜台、收银台", "柜台", "收银台"),
        PlaceType.WORKPLACE: ("工作区、办公室", "工作区", "办公室"),
        PlaceType.CLASSROOM: ("教室、实验室", "教室", "实验室"),
        PlaceType.PLANT: ("设备用房",),
        PlaceType.STORE: ("库房", "仓库"),
        PlaceType.PARKING: ("车库、停车场", "车库", "停车场"),
        PlaceType.VEHICLE: ("车辆内", "车内"),
        PlaceType.OTHER: ("其他部位", "其他"),
        PlaceType.GUEST_ROOM: ("旅馆客房", "客房"),
        PlaceType.PRIVATE_ROOM: ("餐饮、娱乐场所包间", "包间", "包厢"),
        PlaceType.DORMITORY_ROOM: ("宿舍房间", "宿舍", "寝室"),
        PlaceType.REST_ROOM: ("供人员住宿、休息的房间", "休息室"),
        PlaceType.BATHROOM: ("公共浴室", "浴室"),
        PlaceType.TOILET: ("卫生间", "厕所", "洗手间"),
        PlaceType.CHANGING_ROOM: ("更衣室",),
        PlaceType.NURSING_ROOM: ("哺乳室", "母婴室"),
        PlaceType.FITTING_ROOM: ("试衣间",),
        PlaceType.MEDICAL_PRIVATE: ("涉及身体隐私的诊疗室",),
    },
}


def number_of(value: Enum) -> str:
    """The number a value has in the police sheets, or its own text where it has none."""
    if isinstance(value, CameraType):
        return CAMERA_TYPE_CODES[value]
    return CAMERA_STATUS_CODES[value] if isinstance(value, CameraStatus) else str(value.value)


@cache
def understood(kind: type[Enum]) -> Mapping[str, Enum]:
    """Every lower-case word and number that means a value."""
    found: dict[str, Enum] = {}
    for value, words in WORDS[kind].items():
        for word in (number_of(value), str(value.value), *words):
            found.setdefault(word.lower(), value)
    return found
