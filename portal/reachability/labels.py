"""Words for states, reasons and what to do about them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.reachability.probes.base import Reason
from portal.registry.labels import LIVE_STATE
from portal.web.problems import add_texts

STATE = LIVE_STATE


@dataclass(frozen=True)
class ReasonText:
    """A reason in a few words, what it means, and what to do."""

    short: LazyString
    meaning: LazyString
    advice: LazyString


REASON: Mapping[Reason, ReasonText] = {
    Reason.OK: ReasonText(
        _("Answers as it should"),
        _("Every layer that was asked answered properly."),
        _("Nothing needs to be done."),
    ),
    Reason.REFUSED: ReasonText(
        _("Connection refused"),
        _("The address is reached, but nothing listens on the registered port."),
        _("Check that the device's service is on and that the registered port is right."),
    ),
    Reason.TIMEOUT: ReasonText(
        _("No answer"),
        _("The device does not answer at its address at all."),
        _("Check its power and network line first, then whether the registered address is still its own."),
    ),
    Reason.NO_ROUTE: ReasonText(
        _("Network not reachable"),
        _("There is no way from the portal to the device's network."),
        _("Ask the network administrator to check the line and routing to this network."),
    ),
    Reason.CLOSED: ReasonText(
        _("Connection broken off"),
        _("The device accepts the connection and breaks it off before it answers."),
        _("Restart the device; if that does not help, it may be overloaded or expect an encrypted connection."),
    ),
    Reason.TOO_SLOW: ReasonText(
        _("Answer not complete in time"),
        _("The device accepts the connection but does not answer completely in the time allowed."),
        _("Restart the device and check how busy it and its network line are."),
    ),
    Reason.NOT_RTSP: ReasonText(
        _("Not a video stream service"),
        _("Something answers on the registered port, but it does not speak RTSP."),
        _("Check the RTSP port in the device access data."),
    ),
    Reason.NOT_ONVIF: ReasonText(
        _("Not an ONVIF service"),
        _("Something answers on the registered port, but it does not speak ONVIF."),
        _("Check the ONVIF port, and that ONVIF is switched on in the device."),
    ),
    Reason.HTTP_STATUS: ReasonText(
        _("Request refused by the device"),
        _("The device speaks the protocol but refuses an ordinary question."),
        _("Bring its firmware up to date and check that ONVIF is switched on completely."),
    ),
    Reason.MALFORMED: ReasonText(
        _("Answer not understandable"),
        _("The device's answer does not follow the standard and was not taken."),
        _("Bring its firmware up to date; if it stays so, report the model."),
    ),
    Reason.TOO_BIG: ReasonText(
        _("Answer far too large"),
        _("The device's answer was larger than any proper one and was cut off."),
        _("This is not how a camera behaves. Check what stands at this address."),
    ),
    Reason.REDIRECT: ReasonText(
        _("Sends elsewhere"),
        _("The device sends the request on to another address; the portal did not follow."),
        _("Check what stands at this address and whether it demands an encrypted connection."),
    ),
    Reason.FOREIGN_XADDR: ReasonText(
        _("Names another address"),
        _("The device says its services are at another address; the portal did not go there."),
        _("Set the device's own address in its network settings. If nobody changed it, have the device examined."),
    ),
    Reason.TLS: ReasonText(
        _("Encryption not verified"),
        _("The device's certificate is not the one registered, so nothing was sent."),
        _("Compare the certificate at the device. If nobody changed it, have the device examined."),
    ),
    Reason.AUTH_REQUIRED: ReasonText(
        _("Login missing"),
        _("The device asks for a login, and none that can be used is registered."),
        _("Enter a login with reading rights in the device access data."),
    ),
    Reason.AUTH_FAILED: ReasonText(
        _("Login refused"),
        _("The device refuses the registered login. It is not tried again until it is entered anew."),
        _("Enter the right login in the device access data."),
    ),
    Reason.UNSAFE_AUTH: ReasonText(
        _("Password only in clear text"),
        _("The device takes a password only unprotected; the portal did not send it."),
        _("Switch the device to Digest authentication."),
    ),
    Reason.CLOCK_DRIFT: ReasonText(
        _("Clock is wrong"),
        _("The device's clock is off, so its recordings carry wrong times."),
        _("Set the device to the time server and check again."),
    ),
    Reason.NO_PROFILE: ReasonText(
        _("No video channel"),
        _("The login works, but the device offers no video channel."),
        _("Check the video source and the media profiles in the device."),
    ),
    Reason.NO_STREAM: ReasonText(
        _("No picture"),
        _("The device names a video stream that is not there."),
        _("Check the video encoder, the stream settings and the RTSP port."),
    ),
    Reason.NOT_RECORDING: ReasonText(
        _("Not recording"),
        _("The recorder has written nothing for more than an hour."),
        _("Check its disks and recording plan at once: footage is being lost."),
    ),
    Reason.DENIED_ADDRESS: ReasonText(
        _("Address may not be probed"),
        _("The registered address or port lies outside the camera networks that the operator allows."),
        _("Correct the device access data, or ask the system administrator to allow this network."),
    ),
    Reason.PARENT_DOWN: ReasonText(
        _("Site or network segment down"),
        _("Most cameras of the same site or network segment are gone at once."),
        _("Look for a common cause first: power, switch or line of the site."),
    ),
}

STEP: Mapping[str, LazyString] = {
    "": _("Waiting for its turn"),
    "rtsp": _("Asking the video stream service"),
    "clock": _("Asking the ONVIF service and its clock"),
    "login": _("Trying the login, channels and picture"),
}

LAYER: Mapping[str, LazyString] = {
    "rtsp": _("Video stream service (RTSP)"),
    "clock": _("ONVIF service and clock"),
    "login": _("Login, channels and picture"),
}

add_texts(
    {
        "no_access_data": _("No device access data is stored for this camera, so it cannot be probed"),
        "too_many_probes": _("Probed too often in a short time. Try again in %(retry_after)s seconds"),
    }
)
