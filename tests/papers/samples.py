"""One plausible set of data for every paper, with characters that common fonts lack in the names."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.papers.values import FormKey

RARE_NAME = "李𡒄𢀖"
RARE_PLACE = "𪜎家庄"
PRINTED = datetime(2026, 11, 20, 1, 31, tzinfo=UTC)
BEGINS, ENDS = datetime(2026, 11, 16, 6, 5, tzinfo=UTC), datetime(2026, 11, 16, 8, 40, tzinfo=UTC)


def stamp(serial: str, **more: str) -> dict[str, Any]:
    return {"serial": serial, "printed_by": "王建军", "printed_at": PRINTED, "issuer": "安阳市公安局", **more}


def verify(path: str) -> dict[str, str]:
    return {"url": f"https://portal.ay.example/v/{path}", "code": "7F3A-9C21-08DE"}


def signed(name: str, day: int = 18, **more: str) -> dict[str, Any]:
    return {"state": "signed", "name": name, "on": date(2026, 11, day), **more}


def unneeded(title: str) -> dict[str, Any]:
    return {"title": title, "state": "not_required"}


UNIT = {"unit_name": "安阳市文峰区第一人民医院", "system_name": "门诊综合楼视频监控系统"}
TYPES = [{"name": "枪型摄像机", "count": 80}, {"name": "半球摄像机", "count": 40}, {"name": "球型摄像机", "count": 8}]

FILING_RECEIPT = {
    "stamp": stamp("HZ-410502-2026-000318"), "verify": verify("hz/410502-2026-000318"),
    "receipt_number": "文公备回字〔2026〕第000318号", "filing_number": "410502-2026-000318", **UNIT,
    "uscc": "12410502MB0A12345A", "district": "文峰区", "address": f"安阳市文峰区解放大道88号{RARE_PLACE}路口东门诊综合楼",
    "camera_count": 128, "device_types": TYPES, "retention_days": 90, "in_use_on": date(2026, 10, 30),
    "submitted_on": date(2026, 11, 18), "accepted_on": date(2026, 11, 20), "organ": "安阳市公安局文峰分局", "officer": RARE_NAME,
}  # fmt: skip
ORDER_TO_INSTALL = {
    "stamp": stamp("ZZ-2026-000012"), "number": "安公文峰责装〔2026〕12号", "addressee": f"{RARE_PLACE}夜色歌厅",
    "basis": ["安阳市办法第八条第（十）项", "河南省条例第七条第（十二）项"], "parts": ["大堂", "出入口", "主要通道"],
    "demand": "在上述重要部位安装视频图像信息系统，投入使用后依法备案。", "due_on": date(2027, 1, 19), "served_on": date(2026, 11, 20),
    "served_to": RARE_NAME, "organ": "安阳市公安局文峰分局", "issued_on": date(2026, 11, 20),
}  # fmt: skip
OFFICIAL_PAPER = {
    "stamp": stamp("HH-2026-000003"), "kind": "circular", "number": "安公文峰通〔2026〕3号", "addressee": f"{RARE_PLACE}夜色歌厅",
    "basis": ["条例第二十四条第一款"], "facts": f"经函告、约谈，{RARE_NAME}未落实整改，大堂点位离线六十日。", "demands": "立即修复并书面报告。",
    "due_on": date(2026, 12, 11), "recipients": ["文峰区各娱乐场所", "区文化广电体育旅游局"], "served_on": date(2026, 11, 20),
    "served_to": RARE_NAME, "organ": "安阳市公安局文峰分局", "issued_on": date(2026, 11, 20),
}  # fmt: skip
EQUIPMENT_USE = {
    "stamp": stamp("YS-2026-000003"), "number": "安公用〔2026〕3号", "status": "已收回", "unit": f"{RARE_PLACE}中学", "organ": "安阳市公安局文峰分局",
    "case_number": "A4105020001202611001", "reason": "嫌疑人仍在校内，须现场转动球机寻找。", "cameras": f"{RARE_PLACE}东门、操场",
    "planned_from": BEGINS, "planned_to": ENDS, "officers": [f"{RARE_NAME} 051234", "赵敏 051235"], "applicant": RARE_NAME, "approver": "李队",
    "approved_at": BEGINS, "equipment": "2号工作站，完好", "handed_by": "陈工", "received_by": RARE_NAME, "started_at": BEGINS, "returned_by": RARE_NAME,
    "returned_at": ENDS, "summary": "转动东门球机，回放三段", "taken_by": "陈工", "ended_at": ENDS, "condition": "损坏", "damage": "操作杆折断",
    "deeds": [{"at": BEGINS, "what": "导出", "camera": "东门", "medium": "U盘 007", "sha256": "3b7e" * 16}],
    "obstructions": [{"at": BEGINS, "who": "刘某", "place": "监控中心门口", "facts": "拒不开门。", "evidence": "执法记录仪 3 号"}],
}  # fmt: skip
CONNECTION_ORDER = {
    "stamp": stamp("JR-2026-000002"), "number": "安公接〔2026〕2号", "organ": "安阳市公安局文峰分局", "addressee": f"{RARE_PLACE}中学",
    "system_name": "校园视频监控系统", "status": "已批准，待接入", "purpose": "维护社会治安秩序", "platform": "公共安全视频共享平台",
    "need": f"校门周边治安防控需要，{RARE_NAME}提出。", "path": "视频专网，GB/T 28181", "basis": ["安阳市办法第十二条第二款", "河南省条例第十五条"],
    "starts_on": date(2026, 11, 20), "ends_on": date(2027, 11, 19), "officer": "王磊（051234）", "rests_on": "法律另有规定",
    "claim": "《中华人民共和国反恐怖主义法》第二十七条：重点目标。", "proposed_by": "王建军", "proposed_on": date(2026, 11, 18),
    "approved_by": "李局", "approved_on": date(2026, 11, 19), "seconded_by": RARE_NAME, "seconded_on": date(2026, 11, 20), "camera_count": 1,
    "cameras": [{"label": f"{RARE_PLACE}东门", "code": "41050200001310000001"}],
}  # fmt: skip
WORK_TICKET = {
    "stamp": stamp("GD-2026-000002"), "number": "参更〔2026〕2号", "unit": f"{RARE_PLACE}中学", "status": "已实施，待核验",
    "kind": "技术参数变更", "device": "图书馆录像机2号", "what": "录像分辨率", "old_value": "1280x720", "new_value": "1920x1080",
    "reason": "画面模糊，无法辨认。", "starts_at": BEGINS, "ends_at": ENDS, "asked_by": RARE_NAME, "asked_at": BEGINS, "decided_by": "王建军",
    "decided_at": BEGINS, "decision": "同意", "signer": "赵技师 · 河南中原安防工程有限公司", "entitled": "AF-2024-118", "done_by": RARE_NAME,
    "done_at": ENDS, "done_note": "已变更并试录。",
}  # fmt: skip
INTERVIEW_MINUTES = {
    "stamp": stamp("YT-2026-000004"), "number": "安公文峰约〔2026〕4号", "addressee": f"{RARE_PLACE}夜色歌厅",
    "organ": "安阳市公安局文峰分局", "place": "文峰分局二楼会议室", "held_at": datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
    "attendance": [{"name": RARE_NAME, "capacity": "法定代表人"}, {"name": "王敏", "capacity": "文峰分局治安大队"}],
    "facts": "大堂点位离线六十日。", "minutes": "承诺十日内修复全部点位，并建立巡检制度。", "demands": "十日内修复。", "due_on": date(2026, 12, 11),
}  # fmt: skip
FILING_CERTIFICATE = {
    "stamp": stamp("ZM-410502-2026-000318"), "verify": verify("zm/410502-2026-000318"), **UNIT,
    "filing_number": "410502-2026-000318", "uscc": "12410502MB0A12345A", "address": f"安阳市文峰区{RARE_PLACE}解放大道88号",
    "camera_count": 128, "retention_days": 90, "accepted_on": date(2026, 11, 20), "organ": "安阳市公安局文峰分局",
}  # fmt: skip
BASIC_INFORMATION = {
    "stamp": stamp("XX-410502-2026-000318"), **UNIT, "filing_number": "410502-2026-000318", "kind": "新建系统备案",
    "uscc": "12410502MB0A12345A", "unit_type": "医疗机构", "unit_address": "安阳市文峰区解放大道88号", "principal": "张立群",
    "security_head": RARE_NAME, "contact": "赵敏", "contact_phone": "0372-5912345", "handler": "赵敏",
    "handler_document": "居民身份证 4105**********1234", "system_kind": "单位内部系统", "regime": "条例第七条第二款场所",
    "purpose": "门诊、急诊、住院区公共区域安全防范", "address": f"安阳市文峰区解放大道88号{RARE_PLACE}", "district": "文峰区",
    "in_use_on": date(2026, 10, 30), "retention_days": 90, "storage_kind": "网络录像机", "networked": True,
    "device_types": TYPES, "camera_count": 128,
    "areas": [{"name": "出入口", "count": 12}, {"name": "主要通道", "count": 60}, {"name": "停车场", "count": 20}],
    "parties": [
        {"role": "投资单位", "name": "安阳市文峰区第一人民医院", "since": date(2026, 3, 1)},
        {"role": "建设单位", "name": "河南中原安防工程有限公司", "since": date(2026, 3, 1)},
        {"role": "使用单位", "name": "安阳市文峰区第一人民医院"}, {"role": "管理单位", "name": "安阳市文峰区第一人民医院保卫科"},
    ],
    "attachments": ["委托办理备案授权书", "事业单位法人证书复印件（盖章）", "系统平面布置图"],
    "declaration": signed("张立群"), "received": signed("王建军", 20), "organ": "安阳市公安局文峰分局",
}  # fmt: skip
INSPECTION_RECORD = {
    "stamp": stamp("JC-2026-00077"), "organ": "安阳市公安局文峰分局", "begins": BEGINS, "ends": ENDS,
    "place": f"安阳市文峰区解放大道88号{RARE_PLACE}门诊综合楼监控室",
    "inspectors": [{"name": "王建军", "certificate": "410502001"}, {"name": RARE_NAME, "certificate": "410502017"}],
    "unit_name": "安阳市文峰区第一人民医院", "unit_address": "解放大道88号", "principal": "张立群",
    "party_name": "赵敏", "party_sex": "女", "party_post": "保卫科科长", "party_document": "4105**********1224",
    "cause": "公共安全视频图像信息系统建设使用情况监督检查", "mode": "现场检查", "method": "查看、抽查录像、核对登记",
    "basis": "《公共安全视频图像信息系统管理条例》第二十四条", "has_hazard": True,
    "process": "检查人员出示人民警察证，说明来意并告知权利义务。随后在保卫科科长赵敏陪同下，查看监控室值班情况，抽查 12 路摄像机实时图像和 30 日前录像，核对信息调用登记簿。\n抽查的 12 路中，11 路图像清晰、时钟准确；急诊西通道 07 号摄像机离线。抽查 10 月 17 日录像，均可回放。信息调用登记 9 月以来共 14 条，其中 2 条未填写查阅事由。",
    "result": "1. 急诊西通道 07 号摄像机离线，需修复。\n2. 信息调用登记 2 条未填写事由，需补正并规范。\n已当场告知被检查单位，另行下达整改通知。",
    "attachments": ["现场照片 6 张", "信息调用登记簿复印件 2 页"],
    "party_signature": signed("赵敏", 16),
    "inspector_signatures": [{**signed("王建军", 16), "drawing": "M40 60L90 120L200 40M220 60L300 180"}, signed(RARE_NAME, 16)],
    "recorder": signed(RARE_NAME, 16),
    "seals": [{
        "name": "1 摄像机安装位置", "found": "基本符合 −2", "by": "王建军", "at": BEGINS, "position": "114.3531200, 36.1000000 ±12 m",
        "remark": "分歧已由该判定确认", "digest": "ab" * 32, "photos": ["cd" * 32],
    }],
    "chains": ["王建军 · Android：34条，链尾 " + "ef" * 32],
}  # fmt: skip
ITEMS = [
    {"name": "录像保存期限", "standard": "不少于 90 日", "found": "抽查 12 路，均为 90 日", "passed": True, "points": "20", "score": "20"},
    {"name": "设备在线率", "standard": "不低于 95%", "found": "98.4%（126/128）", "passed": True, "points": "20", "score": "19.5"},
    {"name": "时钟偏差", "standard": "不超过 10 秒", "found": "最大 3 秒", "passed": True, "points": "10", "score": "10"},
    {"name": "重点部位覆盖", "standard": "出入口、主要通道全覆盖", "found": "急诊西通道有盲区一处", "passed": False, "points": "30", "score": "24"},
    {"name": "标识牌设置", "standard": "显著位置设置", "found": "已设置 18 处", "passed": True, "points": "10", "score": "10"},
    {"name": "信息调用登记", "standard": "登记事由、内容、单位、姓名", "found": "登记完整", "passed": True, "points": "10", "score": "9"},
]  # fmt: skip
ACCEPTANCE_CONCLUSION = {
    "stamp": stamp("YS-2026-00042"), "verify": verify("ys/2026-00042"), "number": "文公技防验〔2026〕42号", **UNIT,
    "filing_number": "410502-2026-000318", "address": f"安阳市文峰区解放大道88号{RARE_PLACE}", "camera_count": 128,
    "visited_on": date(2026, 11, 16), "items": ITEMS, "total": "92.5", "full_marks": "100", "grade": "basic_pass", "level": "一级",
    "conclusion": "系统设计、施工和检测资料齐全，功能和性能基本符合要求，同意通过验收。", "defects": ["急诊西通道盲区须补装摄像机 1 台"],
    "rectify_by": date(2026, 12, 16), "basis": "《河南省公共安全技术防范管理条例》第十三条",
    "inspectors": [signed("王建军"), signed(RARE_NAME)], "unit_signature": signed("张立群", opinion="无异议，按期整改。"),
    "organ": "安阳市公安局文峰分局", "concluded_on": date(2026, 11, 18),
}  # fmt: skip
ACCEPTANCE_CERTIFICATE = {
    "stamp": stamp("HG-2026-00042"), "verify": verify("hg/2026-00042"), "number": "文公技防验〔2026〕42号", **UNIT,
    "filing_number": "410502-2026-000318", "grade": "pass", "level": "一级", "total": "96", "items": ITEMS[:3], "item_count": 24,
    "camera_count": 128, "retention_days": 90, "organ": "安阳市公安局文峰分局", "issued_on": date(2026, 11, 20),
}  # fmt: skip
VIEWING_SLIP = {
    "stamp": stamp("DY-2026-00123"), "number": "2026-00123", "organisation": "安阳职业学院校园监控中心", "addressee": "武装保卫处",
    "reason": "调查宿舍区电动车被盗案件", "act": "copy", "begins": BEGINS, "ends": ENDS, "place": f"学生宿舍 3 号楼、{RARE_PLACE}路口",
    "applicant": signed("周志远"), "handler": signed(RARE_NAME), "applied_on": date(2026, 11, 18),
    "approvals": [
        {"title": "武装保卫处治安科科长", **signed("陈强")}, {"title": "武装保卫处处长", **signed("刘建华", 19)},
        unneeded("学校分管安全工作的校领导"),
    ],
    "archives": ("保卫处内勤", "监控中心"),
}  # fmt: skip
VIEWING_RECORD = {
    "stamp": stamp("JL-2026-00123"), "organisation": "安阳职业学院校园监控中心", "issuer": "安阳职业学院武装保卫处", "number": "2026-00123",
    "on": date(2026, 11, 19), "unit": "安阳市公安局文峰分局高新派出所", "handler": RARE_NAME, "handler_document": "4105**********1234",
    "place": f"学生宿舍 3 号楼东门、{RARE_PLACE}路口", "begins": BEGINS, "ends": ENDS, "summary": "宿舍区电动车被盗案件", "act": "view",
    "operator": signed("吴小燕", 19), "handler_signature": signed(RARE_NAME, 19),
}  # fmt: skip
VIEWING_APPROVAL = {
    "stamp": stamp("SP-2026-00056"), "organisation": "安阳市行政中心", "number": "2026-00056",
    "reason": "核查 11 月 16 日地下停车场车辆剐蹭情况。", "points": f"B1 层停车场 C 区 03、04 号摄像机，{RARE_PLACE}出口；2026 年 11 月 16 日 14 时至 17 时。",
    "unit": "安阳市统计局", "applicant": RARE_NAME, "applied_on": date(2026, 11, 17), "reviewing_body": "机关后勤保障中心",
    "reviews": [
        {"title": "安保科", **signed("孙涛", opinion="情况属实，建议同意。")}, {"title": "分管副主任", **signed("何敏", opinion="同意。")},
        unneeded("主任"),
    ],
    "approvals": [{"title": "机关事务服务中心分管副主任审批", **signed("郑伟", 19, opinion="同意查阅，不得拍录。")}, unneeded("机关事务服务中心主任审批")],
}  # fmt: skip
SCHOOL_APPLICATION = {
    "copies": 3,
    "stamp": stamp("SB-2026-0009"), "campaign": "安阳市校园视频监控中心（室）", "school": f"安阳市{RARE_PLACE}实验小学", "applied_on": date(2026, 3, 20),
    "principal": RARE_NAME, "principal_phone": "0372-2912345", "deputy": "钱进", "deputy_phone": "13903720000", "school_type": "公办小学",
    "students": 1820, "staff": 96, "teachers": 88,
    "self_assessment": "学校设独立监控室 24 平方米，配备专职值班人员 4 名，周界、出入口、教学区主要通道实现全覆盖，录像保存 90 日。\n对照标准逐项自评，得 93.5 分，达到一级标准，特此申报。",
    "self_signature": signed(RARE_NAME, 18), "bureau": "安阳市教育局", "review": "", "review_signature": {},
}  # fmt: skip
SCHOOL_SCORES = {
    "stamp": stamp("KP-2026-0009"), "campaign": "安阳市校园视频监控中心（室）达标创建", "unit": f"安阳市{RARE_PLACE}实验小学", "assessed_on": date(2026, 4, 9),
    "groups": [
        {"name": "硬件设施", "items": [
            {"number": 1, "criterion": "设独立监控室，面积不小于 10 平方米，办公、卫生、消防设施齐备。", "points": "10", "score": "10"},
            {"number": 2, "criterion": "周界、出入口、门卫室、教学区通道、宿舍出入口、食堂、实验室、贵重物品存放处、水电气热间等重点部位全覆盖。", "points": "10", "score": "8", "deductions": "实验室储藏间未覆盖，扣 2 分"},
            {"number": 3, "criterion": "图像和回放清晰度达到要求。", "points": "5", "score": "5"},
            {"number": 4, "criterion": "实时录像，保存不少于 30 日。", "points": "5", "score": "5"}]},
        {"name": "制度建设", "items": [
            {"number": 5, "criterion": "建立值守、备份制度，期限内不得删改原始数据。", "points": "5", "score": "4.5", "deductions": "备份记录缺 1 次，扣 0.5 分"},
            {"number": 6, "criterion": "建立保密和查看制度。", "points": "5", "score": "5"},
            {"number": 7, "criterion": "建立使用登记，调用须经分管领导同意。", "points": "5", "score": "5"}]},
        {"name": "工作规范", "items": [
            {"number": 8, "criterion": "有人值班，预案齐备，值班记录完整，异常情况及时报告。", "points": "15", "score": "14"},
            {"number": 9, "criterion": "不擅自调整摄像机方位、位置和用途。", "points": "5", "score": "5"},
            {"number": 10, "criterion": "监控室内无易燃易爆、有毒物品，无干扰设备和电炉具，整洁无杂物。", "points": "15", "score": "15"}]},
        {"name": "管理维护", "items": [
            {"number": 11, "criterion": "维护责任到人，定期检查，故障及时报修并记录。", "points": "10", "score": "9"},
            {"number": 12, "criterion": "设备及环境清洁，防尘防水；供电独立回路，有备用电源，防雷接地良好。", "points": "10", "score": "10"}]},
    ],
    "total": Decimal("95.5"), "full_marks": "100", "grade": "一级达标", "bands": ["90 分及以上为一级", "80 分至不满 90 分为二级", "70 分至不满 80 分为三级"],
    "follow_up": "实验室储藏间补装摄像机后报备。", "assessors": [signed("冯丽", 9), signed(RARE_NAME, 9)], "unit_signature": signed("钱进", 9),
}  # fmt: skip
RETRIEVAL_RECEIPT = {
    "stamp": stamp("HZ-DZ-2026-0117"), "verify": verify("dz/2026-0117"), "organ": "安阳市公安局文峰分局", "notice_number": "文公（刑）调证字〔2026〕0117号",
    "addressee": "安阳职业学院", "basis": "《中华人民共和国刑事诉讼法》第五十四条", "case_name": "2026.11.16 盗窃案", "due": ENDS, "served_at": BEGINS,
    "evidence": f"学生宿舍 3 号楼东门、{RARE_PLACE}路口 2026 年 11 月 16 日 14 时至 17 时视频录像", "provided": "上述两处视频录像文件 2 个，共 3.6 GB",
    "refusal": "", "integrity": "各文件 SHA-256 校验值见移交接收单 YJ-2026-0117，原件保存于校园监控中心",
    "unit_handler": signed("吴小燕", 19), "officers": [signed("王建军", 19), signed(RARE_NAME, 19)],
}  # fmt: skip
VIEWING_DECISION = {
    "stamp": stamp("DY2026-000031-DF"), "verify": verify("df/2026-0031"), "number": "DY2026-000031", "unit": "安阳职业学院", "applicant": RARE_NAME,
    "applied_on": date(2026, 11, 18), "place": f"{RARE_PLACE}路口、学生宿舍 3 号楼东门", "begins": BEGINS, "ends": ENDS, "consents": True,
    "reason": "与遗失财物有关，时段明确。", "appointed_for": datetime(2026, 11, 24, 1, 30, tzinfo=UTC), "appointed_place": "校园监控中心", "supervisor": "吴小燕",
    "decided_on": date(2026, 11, 20),
}  # fmt: skip
RETRIEVAL_LIST = {
    "stamp": stamp("QD-2026-0117"), "organ": "安阳市公安局文峰分局", "number": "2026-0117", "case_name": "2026.11.16 盗窃案",
    "exhibits": [
        {"name": f"{RARE_PLACE}路口视频录像", "quantity": "1 个", "features": "视频，MP4（H.264），1.8 GB", "sha256": "3b7e" * 16, "remarks": "复制件"},
        {"name": "学生宿舍 3 号楼东门视频录像", "quantity": "1 个", "features": "视频，原厂格式 DAV，1.8 GB", "sha256": "a91c" * 16, "remarks": "附播放器"},
    ],
    "holder": signed("吴小燕", 19), "custodian": signed("何敏", 19), "officers": [signed("王建军", 19), signed(RARE_NAME, 19)], "on": date(2026, 11, 19),
}  # fmt: skip
HANDOVER_RECEIPT = {
    "stamp": stamp("YJ-2026-0117", watermark="仅供办案使用 王建军"), "verify": verify("yj/2026-0117"), "number": "YJ-2026-0117", "request_number": "DY-2026-00123",
    "notice_number": "文公（刑）调证字〔2026〕0117号", "unit_name": "安阳职业学院", "receiving_organ": "安阳市公安局文峰分局刑侦大队", "act": "copy",
    "medium": "一次性写入光盘 DVD-R", "medium_serial": "A7-00931", "original_kept_at": "校园监控中心 NVR-2", "method": "录像机原厂客户端导出，只读挂载后逐字节复制",
    "clock_offset": "快 3 秒",
    "files": [
        {"name": f"0{n}_东门_20261116.mp4", "camera": f"4105020000131000000{n} 宿舍 3 号楼东门", "begins": BEGINS, "ends": ENDS, "container": "MP4/H.264",
         "size": 1_932_735_283 + n, "sha256": f"{n}f2e" * 16} for n in range(1, 6)
    ],
    "manifest_sha256": "c0de" * 16, "operator": signed("吴小燕", 19), "second_person": signed("陈强", 19), "giver": signed("吴小燕", 19),
    "receivers": [signed("王建军", 19), signed(RARE_NAME, 19)], "witness": {"state": "not_required"}, "handed_at": datetime(2026, 11, 19, 3, 0, tzinfo=UTC),
}  # fmt: skip
REQUEST_RECEIPT = {
    "stamp": stamp("DY2026-000012-5f2e5f2e"), "number": "DY2026-000012", "stage": "副本已移交", "issued_at": datetime(2026, 11, 19, 3, 0, tzinfo=UTC),
    "unit": f"安阳职业学院（{RARE_PLACE}校区）", "requester": f"安阳市公安局文峰分局刑侦大队 {RARE_NAME}", "act": "复制", "cameras": 5,
    "copy_number": "DY2026-000012-01", "manifest": "c0de" * 16, "receipt": "5f2e" * 16,
}  # fmt: skip
LEDGER = {
    "stamp": stamp("TZ-2026-11"), "title": "视频图像信息调用登记台账", "organisation": "安阳职业学院", "period": "2026 年 11 月 1 日至 20 日", "scope": "全部区域",
    "columns": [
        {"head": "登记编号", "share": 1.3, "mono": True}, {"head": "日期", "share": 1.1, "align": "center"}, {"head": "申请单位", "share": 2},
        {"head": "经办人", "share": 1}, {"head": "调用内容", "share": 2.6}, {"head": "时间段", "share": 2}, {"head": "事由", "share": 2},
        {"head": "方式", "share": 0.7, "align": "center"}, {"head": "操作人", "share": 1}, {"head": "去向", "share": 1.4},
    ],
    "rows": [
        (f"2026-{n:05d}", "2026-11-18", "文峰分局高新派出所", RARE_NAME, f"3 号楼东门、{RARE_PLACE}路口", "11-16 14:05 至 16:40", "盗窃案件", "拷贝", "吴小燕", "附卷，光盘 A7")
        for n in range(1, 61)
    ],
    "keeper": "吴小燕",
}  # fmt: skip
COURT_PACKAGE = {
    "stamp": stamp("DY2026-000012-P01", watermark="DY2026-000012-P01 文峰区人民检察院"), "number": "DY2026-000012", "serial": "DY2026-000012-P01",
    "recipient": "文峰区人民检察院", "digest": "c0de" * 16,
    "sections": [
        {"title": "申请与依据", "facts": [("管理单位", f"安阳职业学院（{RARE_PLACE}校区）"), ("申请人", f"文峰分局 {RARE_NAME}"), ("案号", "A4105020001202611001")]},
        {"title": "导出文件", "heads": ["文件名", "起止", "时钟差", "SHA-256 / SM3"],
         "rows": [(f"0{n}_东门.dav · dav", "11-16 14:05 至 16:40", "-37 s", f"{n}f2e" * 16 + " / " + f"{n}a3c" * 16) for n in range(1, 6)]},
        {"title": "保管过程", "heads": ["序号", "时间", "使用方式", "操作人", "去向"], "rows": []},
    ],
}  # fmt: skip
AUDIT_CERTIFICATE = {
    "stamp": stamp("SJ-2026-11-20"), "verify": verify("sj/2026-11-20"), "origin": "portal.ay.example/audit", "organ": "安阳市公安局", "size": 1_284_117,
    "root": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "sealed_at": PRINTED, "previous_size": 1_279_004,
    "previous_root": "EjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8=", "key_name": "portal-audit-2026", "key_fingerprint": "SHA256:3f9a2b7c8d1e0f4a5b6c7d8e9f0a1b2c",
    "signature": "MEUCIQDx8z" * 8 + "==", "words": ["长江", "铁塔", "向日葵", "收音机", "白杨", "灯笼", "红旗", "算盘", "渡口", "石榴", "雪松", "风车"],
    "events_by_kind": [("登录与注销", 5120), ("备案业务", 1830), ("敏感信息查看", 922), ("调阅审批", 310), ("权限变更", 12)], "verified": True,
    "keeper": signed(RARE_NAME, 20),
}  # fmt: skip

SAMPLES: dict[FormKey, dict[str, Any]] = {form: globals()[form.name] for form in FormKey}
