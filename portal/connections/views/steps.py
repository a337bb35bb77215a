"""The acts on an order as data: which form asks for what, and which operation takes it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portal.connections import forms
from portal.connections.models import ConnectionOrder
from portal.connections.operations import proposing, running

Form = Any
Act = Callable[..., Any]

# name → its form, the operation, and the fields of the form by the operation's arguments
ACTS: Mapping[str, tuple[type[Any], Act, Mapping[str, str]]] = {
    "consent": (forms.ConsentForm, proposing.consent, {"terms": "terms"}),
    "refuse": (forms.RefuseForm, proposing.refuse, {"reason": "refusal"}),
    "withdraw": (forms.WithdrawForm, proposing.withdraw_consent, {"reason": "withdrawal"}),
    "approve": (forms.ApproveForm, proposing.approve, {"reason": "opinion"}),
    "second": (forms.SecondForm, proposing.second, {"reason": "second_opinion"}),
    "reject": (forms.RejectForm, proposing.reject, {"reason": "rejection"}),
    "claim": (forms.ClaimForm, proposing.claim_law, {"article": "article", "reason": "why"}),
    "connect": (forms.ConnectForm, running.connect, {"on": "connected_on"}),
    "suspend": (forms.SuspendForm, running.suspend, {"reason": "stop_reason"}),
    "cut": (forms.CutForm, running.find_cut, {"on": "cut_on"}),
    "resume": (forms.ResumeForm, running.resume, {}),
    "end": (forms.EndForm, running.end, {"on": "end_cut_on", "reason": "end_reason"}),
    "drop": (forms.DropForm, proposing.drop, {"reason": "drop_reason"}),
    "check": (forms.CheckForm, running.check_cameras, {"reason": "check_note"}),
}


def blank(name: str, found: ConnectionOrder, today: date) -> Form:
    """The form of an act as it first stands on the page."""
    kind, _act, arguments = ACTS[name]
    days = {field: today for argument, field in arguments.items() if argument == "on"}
    return kind(formdata=None, data={"version": str(found.version), **days})
