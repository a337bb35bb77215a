"""The authenticated layer, through onvif-zeep: identity, profiles, a stream that is there, recordings.

Never an ONVIFCamera: it costs 72 ms and 5 MB a device, leaves a subscription behind on every
camera, has no timeout, follows redirects, and keeps the first camera's password for ever. An
ONVIFService over a shared parsed description does the same questions for a fiftieth.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

import zeep.exceptions
from lxml import etree

from portal.reachability.probes import clock
from portal.reachability.probes.base import (
    DEFAULT_LIMITS,
    Credential,
    DeepResult,
    Endpoint,
    Limits,
    ProbeFailure,
    Reason,
    split_url,
)
from portal.reachability.probes.picture import Pixels, sane
from portal.reachability.probes.stream import describe
from portal.reachability.probes.transport import BoundedTransport
from portal.reachability.probes.wire import Deadline
from portal.reachability.probes.wsdl import Service, client_for, onvif_module, wsdl_dir

log = logging.getLogger(__name__)

# A recorder that has written nothing for an hour is not recording; motion-triggered ones still
# write a segment when their hour turns. Operational, not a legal figure.
RECORDING_LAG: Final = timedelta(hours=1)
_STREAM_SETUP: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_TEXT_LIMIT: Final = 256


class _Proof(Enum):
    """How the session proves the password: it begins with nothing and escalates once."""

    NOTHING = auto()
    TOKEN = auto()


class OnvifSession:
    """One device, one probe: no state outlives it, no thread shares it.

    A token shared between threads stamps 95 of 100 requests wrongly (measured), so each call
    makes its own.
    """

    def __init__(self, endpoint: Endpoint, credential: Credential | None, limits: Limits) -> None:
        self.endpoint, self.credential = endpoint, credential
        self.deadline = Deadline(limits.session)
        self.transport = BoundedTransport(endpoint, limits, self.deadline, credential)
        self.drift = timedelta(0)
        self.proof = _Proof.NOTHING

    def read_clock(self) -> float | None:
        """The device's clock against ours; None when it will not tell without a password."""
        sent = time.time()
        answer = self.transport.post(self.endpoint.xaddr, clock.ENVELOPE, {"Content-Type": clock.CONTENT_TYPE})
        reading = clock.judge(answer.status_code, answer.content)
        if reading.device_utc is None:
            return None
        drift = clock.drift_between(reading.device_utc, sent=sent, received=time.time())
        self.drift = timedelta(seconds=drift)
        return drift

    def ask(self, service: Service, xaddr: str, operation: str, /, **asked: Any) -> Any:
        """Call one operation, proving the password when the device wants it, once."""
        try:
            return self._call(service, xaddr, operation, asked)
        except ProbeFailure as failure:
            wants = failure.reason is Reason.AUTH_REQUIRED
            if not wants or self.credential is None or self.transport.password_sent:
                raise
        self.proof = _Proof.TOKEN
        self.transport.password_sent = True
        try:
            return self._call(service, xaddr, operation, asked)
        except ProbeFailure as failure:
            if failure.reason is Reason.AUTH_REQUIRED:
                raise ProbeFailure(Reason.AUTH_FAILED) from None
            raise

    def _call(self, service: Service, xaddr: str, operation: str, asked: Mapping[str, Any]) -> Any:
        onvif = onvif_module()
        client = client_for(service, token=self._token(onvif), transport=self.transport)
        # The login lives in the client's token alone; the service object would keep its own copy.
        proxy = onvif.ONVIFService(
            xaddr, "", "", str(wsdl_dir() / service), zeep_client=client, binding_name=service.binding
        )
        try:
            return getattr(proxy, operation)(dict(asked))
        except onvif.exceptions.ONVIFError as error:
            failure = classify(error)
            if failure.reason is Reason.AUTH_REQUIRED and self.proof is _Proof.TOKEN:
                failure = ProbeFailure(Reason.AUTH_FAILED)
            raise failure from None

    def _token(self, onvif: Any) -> Any:
        if self.proof is _Proof.NOTHING or self.credential is None:
            return None
        return onvif.client.UsernameDigestTokenDtDiff(
            self.credential.username,
            self.credential.password,
            dt_diff=self.drift,
            use_digest=True,
            # Some firmware refuses a stamp that ends in +00:00.
            zulu_timestamp=True,
        )


def classify(error: BaseException) -> ProbeFailure:
    """The reason inside onvif-zeep's one error type, found in what it wraps.

    The message is never read further: zeep puts the device's whole answer into some of them.
    """
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ProbeFailure):
            return inner
        if isinstance(inner, zeep.exceptions.Fault):
            return _fault(inner)
        inner = inner.__cause__ or inner.__context__
    return ProbeFailure(Reason.MALFORMED)


def _fault(fault: zeep.exceptions.Fault) -> ProbeFailure:
    subcodes = [etree.QName(code).localname for code in fault.subcodes or ()]
    words = (fault.message or "").lower().replace(" ", "")
    if "NotAuthorized" in subcodes or "notauthorized" in words or "FailedAuthentication" in subcodes:
        return ProbeFailure(Reason.AUTH_REQUIRED)
    return ProbeFailure(Reason.HTTP_STATUS)


def probe(endpoint: Endpoint, credential: Credential | None, limits: Limits = DEFAULT_LIMITS) -> DeepResult:
    """Ask one device everything; always ends within the session's limit, with a reason."""
    session = OnvifSession(endpoint, credential, limits)
    found: dict[str, Any] = {}
    try:
        reason = _examine(session, found, limits)
    except ProbeFailure as failure:
        reason = failure.reason
    except Exception:
        # zeep meets content it never expected; which device it was is the caller's to say.
        log.exception("the authenticated probe failed in an unforeseen way")
        reason = Reason.MALFORMED
    return DeepResult(reason=reason, **found)


def _examine(session: OnvifSession, found: dict[str, Any], limits: Limits) -> Reason:
    found["drift_s"] = session.read_clock()
    services = _services(session)
    found["identity"] = _identity(session, found)
    media = services.get(Service.MEDIA)
    if media is None:
        raise ProbeFailure(Reason.NO_PROFILE)
    profiles = _profiles(session, media)
    found["profiles"] = len(profiles)
    if not profiles:
        raise ProbeFailure(Reason.NO_PROFILE)
    own = session.endpoint.channel <= len(profiles)
    # A camera that a recorder counts as its ninth answers at its own address with the only channel it has.
    profile = profiles[session.endpoint.channel - 1 if own else 0]
    path = _stream_path(session, media, profile.token)
    found["streams"] = False
    described = describe(session.endpoint, path, session.credential, limits, session.deadline)
    found["streams"] = True
    found["open_access"] = found["open_access"] or not described.guarded
    if own or len(profiles) == 1:
        # What the stream carries counts before what the device says it is set to.
        found["picture"] = described.picture or profile.picture
    search = services.get(Service.SEARCH)
    if search is not None and not _is_recording(session, search, found):
        return Reason.NOT_RECORDING
    return Reason.OK


def _services(session: OnvifSession) -> dict[Service, str]:
    device = session.endpoint.xaddr
    try:
        listed = session.ask(Service.DEVICE, device, "GetServices", IncludeCapability=False) or ()
        named = {str(item.Namespace): str(item.XAddr) for item in listed}
    except ProbeFailure as failure:
        # Old firmware lacks GetServices and answers a fault; GetCapabilities tells the same.
        if failure.reason is not Reason.HTTP_STATUS:
            raise
        named = _capabilities(session, device)
    found = {service: named[service.namespace] for service in Service if service.namespace in named}
    for xaddr in found.values():
        if not session.endpoint.is_at(split_url(xaddr).hostname):
            raise ProbeFailure(Reason.FOREIGN_XADDR)
    return found


def _capabilities(session: OnvifSession, device: str) -> dict[str, str]:
    told = session.ask(Service.DEVICE, device, "GetCapabilities", Category=["All"])
    named = {}
    if told is not None and told.Media is not None:
        named[Service.MEDIA.namespace] = str(told.Media.XAddr)
    extension = getattr(told, "Extension", None)
    search = getattr(extension, "Search", None)
    if search is not None:
        named[Service.SEARCH.namespace] = str(search.XAddr)
    return named


def _identity(session: OnvifSession, found: dict[str, Any]) -> str:
    """A digest of what the device says it is, so that a swapped camera is noticed unread."""
    found["open_access"] = False
    told = session.ask(Service.DEVICE, session.endpoint.xaddr, "GetDeviceInformation")
    parts = [getattr(told, name, None) for name in ("Manufacturer", "Model", "SerialNumber")]
    if told is None or any(part is None for part in parts):
        # zeep takes an empty element for a success with every field missing.
        raise ProbeFailure(Reason.MALFORMED)
    found["open_access"] = not session.transport.password_sent
    text = "\n".join(str(part)[:_TEXT_LIMIT] for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Profile:
    """The main stream of one channel, and the size it is set to."""

    token: str
    picture: Pixels | None

    @property
    def area(self) -> int:
        """How many points its picture has."""
        return self.picture[0] * self.picture[1] if self.picture else 0


def _profiles(session: OnvifSession, media: str) -> list[_Profile]:
    """One profile for each video source, in the device's order: a recorder's channels. The largest is the main one."""
    by_source: dict[str, _Profile] = {}
    for told in session.ask(Service.MEDIA, media, "GetProfiles") or ():
        source = getattr(told.VideoSourceConfiguration, "SourceToken", None)
        if not told.token or not source:
            continue
        size = getattr(told.VideoEncoderConfiguration, "Resolution", None)
        profile = _Profile(str(told.token), sane(getattr(size, "Width", None), getattr(size, "Height", None)))
        if profile.area > by_source.setdefault(str(source), profile).area:
            by_source[str(source)] = profile
    return list(by_source.values())


def _stream_path(session: OnvifSession, media: str, token: str) -> str:
    told = session.ask(Service.MEDIA, media, "GetStreamUri", StreamSetup=_STREAM_SETUP, ProfileToken=token)
    uri = getattr(told, "Uri", None)
    if not uri:
        raise ProbeFailure(Reason.NO_STREAM)
    parts = split_url(str(uri))
    # A device may answer file:///… or an address inside our network; only its own is taken.
    if parts.scheme != "rtsp" or not session.endpoint.is_at(parts.hostname):
        raise ProbeFailure(Reason.FOREIGN_XADDR)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_recording(session: OnvifSession, search: str, found: dict[str, Any]) -> bool:
    try:
        summary = session.ask(Service.SEARCH, search, "GetRecordingSummary")
    except ProbeFailure as failure:
        # Announced but not offered: nothing is known, which is no accusation.
        if failure.reason is Reason.HTTP_STATUS:
            return True
        raise
    if summary is None or summary.NumberRecordings is None or summary.DataUntil is None:
        raise ProbeFailure(Reason.MALFORMED)
    found["recorded_from"] = _aware(summary.DataFrom)
    found["recorded_until"] = until = _aware(summary.DataUntil)
    device_now = datetime.fromtimestamp(time.time(), UTC) + session.drift
    return int(summary.NumberRecordings) > 0 and device_now - until <= RECORDING_LAG


def _aware(stamp: Any) -> datetime:
    if not isinstance(stamp, datetime):
        raise ProbeFailure(Reason.MALFORMED)
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
