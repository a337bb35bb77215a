"""The words that the page in the field says by itself; it keeps them for when there is no network."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.core.ids import new_id
from portal.inspection.labels import VERDICT

WORDS: Mapping[str, LazyString] = {
    **{str(verdict): shown for verdict, (_kind, shown) in VERDICT.items()},
    "online": _("Online"),
    "offline": _("No network"),
    "waiting": _("{count} waiting to be sent"),
    "all_sent": _("Everything is sent"),
    "synced": _("Last sent {at}"),
    "sign_in": _("Sign in"),
    "signed_out": _("You are signed out; what waits is sent after you sign in."),
    "here": _("Taken along"),
    "stays": _("Secret: not taken along"),
    "gone": _("The portal no longer takes this visit from you. What you sealed stays in this device."),
    "clock_off": _("This device's clock is {seconds} seconds off the portal's; this is noted with every entry."),
    "progress": _("{done} of {count} items judged"),
    "device": _("Device: {label} · List edition {edition}"),
    "open": _("Not judged"),
    "contested": _("Inspectors differ"),
    "waits": lazy_pgettext("field", "Waits"),
    "refused": lazy_pgettext("field", "Refused"),
    "me": lazy_pgettext("field", "You"),
    "photo": _("Photo {number}"),
    "altered": _("differs from its seal"),
    "photo_bad": _("A photo is a JPEG, PNG or WebP of at most 20 MB."),
    "photos_full": _("At most {most} photos for one item."),
    "points": _("{points} points"),
    "self": _("Self-assessed: {points}"),
    "proof_photo": _("Needs a photo"),
    "proof_document": _("Name the paper that was seen, or photograph it"),
    "earlier": _("Last time: {verdict} {note}"),
    "place": _("position within {m} m"),
    "no_place": _("no position"),
    "sealed_at": _("Sealed {at}"),
    "was_refused": _("Not taken by the portal: {code}"),
    "needs_choose": _("Choose a judgement."),
    "needs_points": _("Points are a number from 0.1 to {most}, with one decimal at most."),
    "needs_reason": _("Give the reason of each deduction."),
    "needs_deduct": _("State the points to deduct."),
    "needs_note": _("Say what was found."),
    "unit": _("For the unit"),
    "inspector": _("Inspector"),
    "refusal": _("The unit does not sign"),
    "stale": _("something was sealed since"),
    "sign_nothing": _("Nothing is judged yet."),
    "sign_name": _("Enter the name."),
    "sign_reason": _("Give the reason."),
    "sign_path": _("Sign in the box."),
    "others": _("{count} other persons left work in this device that is not sent. It is sent when they sign in here."),
    "left_entries": _("{count} sealed entries are not sent"),
    "left_photos": _("{count} photos are not sent"),
    "left_drafts": _("{count} items are begun and not sealed"),
    "leave_sure": _("Say first that it may be lost."),
    "advance": _("Found in advance, {at}"),
    "advance_open": _("To be judged on site"),
    "in_advance": _("In advance: {verdict}"),
    "comma": lazy_pgettext("between words", ", "),
    "semicolon": lazy_pgettext("between sentences", "; "),
    "colon": lazy_pgettext("before what follows", ": "),
    "not_yet": _("Something is not sent yet; the visit stays in this device."),
    "code_gap": _("an entry before it is missing"),
    "code_forked": _("another entry stands at its place"),
    "code_chain_broken": _("it does not follow the entry before it"),
    "code_bad_signature": _("the device's signature does not fit"),
    "code_digest_differs": _("its content differs from its seal"),
    "code_not_canonical": _("its content is not in the agreed form"),
    "code_malformed": _("its content is not in the agreed form"),
    "code_too_long": _("it is too long"),
    "code_of_another": _("it belongs to another visit, person or device"),
    "code_device_revoked": _("the device was ended"),
    "code_visit_full": _("the visit holds more entries than can be"),
    "code_visit_over": _("the visit is over"),
    "code_unknown_item": _("the list has no such item"),
    "code_no_points": _("this item carries no points"),
    "code_too_many_deductions": _("too many deductions"),
    "code_deduction_bounds": _("a deduction is out of bounds"),
    "code_reason_needed": _("a deduction has no reason"),
    "code_deduction_needed": _("the points to deduct are missing"),
    "code_note_needed": _("what was found is missing"),
}


def words() -> Mapping[str, str]:
    """The words in the reader's language."""
    return {key: str(text) for key, text in WORDS.items()}


def addresses() -> Mapping[str, str]:
    """Where the page asks and sends, with VISIT and PHOTO where a key stands."""
    key = new_id()
    of_visit = {"visit_id": key}
    named = {
        "visits": url_for("inspection.field_visits"),
        "devices": url_for("inspection.field_enrol"),
        "visit": url_for("inspection.field_visit", **of_visit),  # type: ignore[arg-type]
        "entries": url_for("inspection.field_entries", **of_visit),  # type: ignore[arg-type]
        "photo": url_for("inspection.field_photo", sha256="PHOTO", **of_visit),  # type: ignore[arg-type]
    }
    return {name: url.replace(str(key), "VISIT") for name, url in named.items()} | {
        "sign_out": url_for("accounts.sign_out")
    }
