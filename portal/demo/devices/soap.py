"""The ONVIF side of a simulated device: the few operations a prober asks, with real checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from portal.demo.devices.rtsp import stream_path
from portal.demo.devices.wsse import NonceBook, token_in, token_is_valid
from portal.demo.plan import Behaviour, DevicePlan

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
NAMESPACES: Final = (
    f'xmlns:s="{SOAP}" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tse="http://www.onvif.org/ver10/search/wsdl"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"'
)
# The ONVIF core specification's access class PRE_AUTH: answered without a password.
PRE_AUTH: Final = frozenset({"GetSystemDateAndTime", "GetCapabilities", "GetServices"})


@dataclass
class SoapDevice:
    """A device's ONVIF service: the plan may change under it, the nonces it saw stay."""

    device: DevicePlan
    nonces: NonceBook = field(default_factory=NonceBook.empty)

    def answer(self, body: bytes, *, now: float, digest_proved: bool = False) -> tuple[int, str, bytes]:
        """The status, the operation asked and the envelope to send back."""
        try:
            envelope = ElementTree.fromstring(body)  # noqa: S314 - from our own prober, on loopback
        except ElementTree.ParseError:
            return 400, "?", _fault("ter:WellFormed", "not a SOAP request")
        operation = envelope.find(f"{{{SOAP}}}Body/*")
        if operation is None:
            return 400, "?", _fault("ter:WellFormed", "an empty body")
        name = operation.tag.rpartition("}")[2]
        device_time = now + self.device.clock_offset_s
        open_to_all = self.device.behaviour is Behaviour.OPEN
        pre_auth = name in PRE_AUTH and self.device.behaviour is not Behaviour.STRICT
        if not pre_auth and not open_to_all and not digest_proved:
            token = token_in(envelope)
            if token is None or not token_is_valid(
                token,
                self.device,
                device_time=device_time,
                nonces=self.nonces,
                must_be_zulu=self.device.behaviour is Behaviour.STRICT_ZULU,
            ):
                return 400, name, _fault("ter:NotAuthorized", "Sender not Authorized")
        content = self._content(name, operation, device_time)
        if content is None:
            return 400, name, _fault("ter:ActionNotSupported", "Optional Action Not Implemented")
        return 200, name, _envelope(content)

    def _content(self, name: str, asked: ElementTree.Element, device_time: float) -> str | None:
        device = self.device
        if device.behaviour is Behaviour.HOLLOW and name != "GetSystemDateAndTime":
            return _hollow(name)
        answer = ANSWERS.get(name)
        return answer(device, asked, device_time) if answer else None


def _envelope(content: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {NAMESPACES}><s:Body>{content}</s:Body></s:Envelope>'
    ).encode()


def _fault(subcode: str, text: str) -> bytes:
    return _envelope(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{escape(text)}</s:Text></s:Reason>'
        "</s:Fault>"
    )


def _hollow(name: str) -> str:
    prefix = {"GetProfiles": "trt", "GetStreamUri": "trt", "GetRecordingSummary": "tse"}
    return f"<{prefix.get(name, 'tds')}:{name}Response/>"


def _clock(device_time: float) -> str:
    at = datetime.fromtimestamp(device_time, UTC)
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        "<tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
        f"<tt:Second>{at.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month>"
        f"<tt:Day>{at.day}</tt:Day></tt:Date>"
        "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _address(device: DevicePlan, service: str) -> str:
    if device.behaviour is Behaviour.FOREIGN_XADDR and service != "device_service":
        return f"{device.target or 'http://169.254.169.254'}/onvif/{service}"
    scheme = "https" if device.behaviour is Behaviour.TLS else "http"
    return f"{scheme}://{device.address}:{device.onvif_port}/onvif/{service}"


def _services(device: DevicePlan) -> str | None:
    if device.behaviour is Behaviour.LEGACY:
        return None
    offered = [("device", "device_service"), ("media", "media_service")]
    if device.channels > 1:
        offered.append(("search", "search_service"))
    items = "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{name}/wsdl</tds:Namespace>"
        f"<tds:XAddr>{_address(device, path)}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, path in offered
    )
    return f"<tds:GetServicesResponse>{items}</tds:GetServicesResponse>"


def _capabilities(device: DevicePlan) -> str:
    search = ""
    if device.channels > 1:
        search = (
            f"<tt:Extension><tt:Search><tt:XAddr>{_address(device, 'search_service')}</tt:XAddr>"
            "<tt:MetadataSearch>false</tt:MetadataSearch></tt:Search></tt:Extension>"
        )
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{_address(device, 'device_service')}</tt:XAddr></tt:Device>"
        f"<tt:Media><tt:XAddr>{_address(device, 'media_service')}</tt:XAddr>"
        "<tt:StreamingCapabilities><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>"
        f"</tt:StreamingCapabilities></tt:Media>{search}"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def _information(device: DevicePlan) -> str:
    return (
        "<tds:GetDeviceInformationResponse>"
        f"<tds:Manufacturer>{escape(device.manufacturer)}</tds:Manufacturer>"
        f"<tds:Model>{escape(device.model)}</tds:Model>"
        f"<tds:FirmwareVersion>{escape(device.firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{escape(device.serial)}</tds:SerialNumber>"
        "<tds:HardwareId>SIM</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def _profiles(device: DevicePlan) -> str:
    channels = 0 if device.behaviour is Behaviour.NO_PROFILE else device.channels
    items = "".join(
        f'<trt:Profiles token="main{channel}" fixed="true"><tt:Name>main {channel}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="vs{channel}"><tt:Name>source {channel}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:SourceToken>src{channel}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{device.width}" height="{device.height}"/></tt:VideoSourceConfiguration>'
        f"{_encoder(channel, device.width, device.height)}</trt:Profiles>"
        for channel in range(1, channels + 1)
    )
    return f"<trt:GetProfilesResponse>{items}</trt:GetProfilesResponse>"


def _encoder(channel: int, width: int, height: int) -> str:
    return (
        f'<tt:VideoEncoderConfiguration token="ve{channel}"><tt:Name>encoder {channel}</tt:Name>'
        "<tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
        "<tt:Quality>4</tt:Quality><tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>"
    )


def _stream_uri(device: DevicePlan, asked: ElementTree.Element) -> str | None:
    token = next((e.text or "" for e in asked.iter() if e.tag.endswith("}ProfileToken")), "")
    number = token.removeprefix("main")
    if not number.isdigit() or not 1 <= int(number) <= device.channels:
        return None
    where = f"rtsp://{device.address}:{device.rtsp_port}"
    if device.behaviour is Behaviour.FOREIGN_STREAM:
        where = device.target or "file:///etc"
    return (
        "<trt:GetStreamUriResponse><trt:MediaUri>"
        f"<tt:Uri>{escape(where + stream_path(int(number)))}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout>"
        "</trt:MediaUri></trt:GetStreamUriResponse>"
    )


def _recordings(device: DevicePlan, device_time: float) -> str | None:
    if device.channels == 1:
        return None
    stopped = device.behaviour is Behaviour.NOT_RECORDING
    until = datetime.fromtimestamp(device_time, UTC) - timedelta(days=3 if stopped else 0)
    since = datetime.fromtimestamp(device_time, UTC) - timedelta(days=device.recording_days)
    return (
        "<tse:GetRecordingSummaryResponse><tse:Summary>"
        f"<tt:DataFrom>{since:%Y-%m-%dT%H:%M:%SZ}</tt:DataFrom>"
        f"<tt:DataUntil>{until:%Y-%m-%dT%H:%M:%SZ}</tt:DataUntil>"
        f"<tt:NumberRecordings>{device.channels}</tt:NumberRecordings>"
        "</tse:Summary></tse:GetRecordingSummaryResponse>"
    )


Answer = Callable[[DevicePlan, ElementTree.Element, float], str | None]
ANSWERS: Final[Mapping[str, Answer]] = {
    "GetSystemDateAndTime": lambda _device, _asked, at: _clock(at),
    "GetServices": lambda device, _asked, _at: _services(device),
    "GetCapabilities": lambda device, _asked, _at: _capabilities(device),
    "GetDeviceInformation": lambda device, _asked, _at: _information(device),
    "GetProfiles": lambda device, _asked, _at: _profiles(device),
    "GetStreamUri": lambda device, asked, _at: _stream_uri(device, asked),
    "GetRecordingSummary": lambda device, _asked, at: _recordings(device, at),
}
