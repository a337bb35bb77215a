"""Forms of footage requests; each turns what was typed into a value object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _
from wtforms import FieldList, FormField

from portal.evidence.forms.asks import FACTS, FactsForm
from portal.evidence.labels import (
    ACT,
    ID_KIND,
    MEDIUM,
    OUTCOME,
    PAPER,
    PURPOSE,
    RELATION,
)
from portal.evidence.operations import FileDraft
from portal.evidence.values import (
    NOT_UPLOADED,
    ActKind,
    CaseContent,
    IdKind,
    InstrumentKind,
    MediumKind,
    OfficerDraft,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.breadth import Drawn
from portal.web.widgets import (
    Choice,
    Choices,
    DateText,
    FileUpload,
    Hidden,
    LongText,
    MomentText,
    Password,
    PortalForm,
    Radios,
    Text,
    Tick,
    WholeNumber,
)
from portal.workflow.states import Verdict

PAPER_FILES = ("pdf", "jpg", "jpeg", "png")


def offered(labels: Mapping[Any, object], only: Iterable[str] = ()) -> list[tuple[str, object]]:
    """An enumeration as choices, all of it or some."""
    wanted = [str(one) for one in only]
    return [(str(key), text) for key, text in labels.items() if not wanted or str(key) in wanted]


def offer(**choices: Sequence[tuple[str, object]]) -> None:
    """Say what this request's forms offer where that depends on the case. To be called before the form is made."""
    g.setdefault("offers", {}).update(choices)


def _now(name: str) -> Callable[[], Sequence[tuple[str, object]]]:
    """The choices `offer` was given in this request; none when it was not called."""
    return lambda: g.get("offers", {}).get(name, ())


def checked(field: Any) -> Any:
    """What a required field holds once its form has been validated."""
    return field.data


class ScopeForm(PortalForm):
    """First step: which cameras, which time, what is to be done with the footage."""

    act = Radios(_("What is asked for"), choices=offered(ACT))
    span_from = MomentText(_("From"))
    span_to = MomentText(_("To"))


class OfficerForm(PortalForm):
    """One person who comes for the footage."""

    name = Text(_("Full name"), max_length=80, required=False)
    id_kind = Choice(_("Identity paper"), choices=offered(ID_KIND), required=False, blank=_("Kind of paper"))
    number = Text(_("Number on it"), max_length=40, required=False, codelike=True)


class AskForm(FactsForm):
    """Second step: who asks, on which paper, for which case."""

    requester_kind = Choice(_("Requester"), choices=_now("kinds"))
    requester_name = Text(_("Requesting unit or person"), max_length=120)
    instrument_kind = Choice(_("Paper it rests on"), choices=_now("instruments"))
    instrument_number = Text(_("Number of the paper"), max_length=80, required=False)
    supply_due = MomentText(_("Supply due by"), required=False, hint=_("As the notice says; may stay empty"))
    urgent_by_phone = Tick(_("Urgent, asked by telephone; the paper follows"))
    purpose = Choice(_("Purpose"), choices=offered(PURPOSE))
    relation = Choice(_("Relation to the person in the footage"), choices=offered(RELATION), required=False)
    secret = Tick(_("Secret case (matter)"))
    case_number = Text(_("Case number"), max_length=80, required=False, codelike=True)
    case_name = Text(_("Case name"), max_length=200, required=False)
    summary = LongText(_("Brief of the case"), max_length=2000, rows=3, required=False)
    reason = LongText(_("Why this footage is needed"), max_length=2000, rows=2, required=False)
    copy_reason = LongText(_("Why viewing is not enough"), max_length=2000, rows=2, required=False)
    grave = Tick(_("Grave crime, as the case is registered"))
    necessity = LongText(
        _("Why so broad an ask is necessary"),
        max_length=2000,
        rows=3,
        required=False,
        hint=_("The second approver decides by it"),
    )
    readers = Choices(_("May know the content"), choices=_now("readers"), required=False, column=True)
    officers = FieldList(FormField(OfficerForm), min_entries=2, max_entries=4)
    undertaking = Tick(_("We use the footage for this purpose only, keep it secret, and answer for any leak"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # Whether these are needed depends on the other entries: calling them optional would mislead.
        for name in (
            "instrument_number",
            "relation",
            "case_number",
            "reason",
            "copy_reason",
            "readers",
            "necessity",
            *FACTS,
        ):
            self[name].flags.no_optional_mark = True
        for entry in self.officers:
            for field in entry.form:
                field.flags.no_optional_mark = True

    def particulars(
        self, scope: ScopeForm, camera_ids: Sequence[UUID], drawn: Sequence[Drawn] = ()
    ) -> RequestParticulars:
        """Both steps as one value."""
        secret = bool(self.secret.data)
        return RequestParticulars(
            requester_kind=RequesterKind(str(self.requester_kind.data)),
            requester_name=self.requester_name.data or "",
            instrument_kind=InstrumentKind(str(self.instrument_kind.data)),
            instrument_number=self.instrument_number.data or "",
            purpose=Purpose(str(self.purpose.data)),
            act=ActKind(str(scope.act.data)),
            span_from=checked(scope.span_from),
            span_to=checked(scope.span_to),
            camera_ids=tuple(camera_ids),
            officers=tuple(_officers(self.officers)),
            content=CaseContent(
                case_number=self.case_number.data or "",
                case_name=self.case_name.data or "",
                summary=self.summary.data or "",
                reason=self.reason.data or "",
                copy_reason=self.copy_reason.data or "",
                necessity=self.necessity.data or "",
            ),
            secret=secret,
            readers=tuple(UUID(one) for one in self.readers.data or ()) if secret else (),
            relation=Relation(str(self.relation.data)) if self.relation.data else None,
            urgent_by_phone=bool(self.urgent_by_phone.data),
            supply_due=self.supply_due.data,
            undertaking=bool(self.undertaking.data),
            facts=self.facts(),
            grave=bool(self.grave.data),
            drawn=tuple(drawn),
        )

    def show(self, asked: RequestParticulars) -> None:
        """Fill the form from a request, for correcting it."""
        for name in ("requester_kind", "requester_name", "instrument_kind", "instrument_number", "purpose", "relation"):
            self[name].data = getattr(asked, name)
        for name in ("supply_due", "urgent_by_phone", "secret", "undertaking", "grave"):
            self[name].data = getattr(asked, name)
        for name in ("case_number", "case_name", "summary", "reason", "copy_reason", "necessity"):
            self[name].data = getattr(asked.content, name)
        self.show_facts(asked.facts)
        self.readers.data = [str(one) for one in asked.readers]
        for entry, officer in zip(self.officers.entries, asked.officers, strict=False):
            entry.form["name"].data, entry.form["number"].data = officer.name, officer.number
            entry.form["id_kind"].data = str(officer.id_kind)


def _officers(entries: FieldList) -> Iterable[OfficerDraft]:
    for entry in entries:
        name, kind, number = (entry.form[part].data or "" for part in ("name", "id_kind", "number"))
        if name or number:
            yield OfficerDraft(name=name, id_kind=IdKind(kind or IdKind.WORK_ID), number=number)


class PaperForm(PortalForm):
    """One paper to attach."""

    kind = Choice(_("Which paper"), choices=offered(PAPER, [one for one in Paper if one not in NOT_UPLOADED]))
    file = FileUpload(_("File"), extensions=PAPER_FILES, hint=_("PDF, JPG or PNG"))


class DecideForm(PortalForm):
    """A verdict at the step the person is looking at."""

    verdict = Radios(_("Decision"), choices=_now("verdicts"), column=True)
    comment = LongText(
        _("Opinion"), max_length=2000, rows=3, required=False, hint=_("Needed for a return or a refusal")
    )
    own_password = Password(_("Your password"), hint=_("You sign by showing again that it is you"))
    own_totp = Text(
        _("Your one-time code"),
        max_length=8,
        required=False,
        codelike=True,
        render_kw={"autocomplete": "one-time-code"},
    )
    step = Hidden()

    def given(self) -> Verdict:
        """The verdict as a value."""
        return Verdict(str(self.verdict.data))


class AssignForm(PortalForm):
    """Who carries the request out."""

    custodian = Choice(_("Footage custodian"), choices=_now("custodians"))


class UnlockForm(PortalForm):
    """Opening under two keys: the second person signs in on this very form."""

    workstation = Text(_("Workstation"), max_length=80, required=False)
    no_phone_notice = Tick(
        _("Those present showed their papers and were told: no photographing of the screen"), required=True
    )
    second_login = Text(_("Second person's account"), max_length=40, render_kw={"autocomplete": "off"})
    second_password = Password(_("Second person's password"))
    second_totp = Text(_("Second person's one-time code"), max_length=8, required=False, codelike=True)


class FileForm(PortalForm):
    """One exported file, by its hash."""

    camera = Choice(_("Camera"), choices=_now("cameras"))
    name = Text(_("File name"), max_length=200)
    size = WholeNumber(_("Size"), low=0, high=2**50, suffix=_("bytes"))
    sha256 = Text(_("SHA-256"), max_length=80, codelike=True, render_kw={"class": "mono", "spellcheck": "false"})
    sm3 = Text(
        _("SM3"),
        max_length=80,
        required=False,
        codelike=True,
        hint=_("Where the unit's tool computes it (GB/T 32905)"),
        render_kw={"class": "mono", "spellcheck": "false"},
    )
    player = Text(_("Player"), max_length=80, required=False, hint=_("What plays the native format, with its version"))
    format = Text(_("Format"), max_length=40, hint=_("Native format of the recorder, such as dav, mp4, ps"))
    span_from = MomentText(_("Begins"), seconds=True)
    span_to = MomentText(_("Ends"), seconds=True)
    clock_offset_seconds = WholeNumber(
        _("Recorder clock offset"),
        low=-86_400 * 366,
        high=86_400 * 366,
        suffix=_("seconds"),
        hint=_("Recorder minus Beijing time; negative when the recorder is slow"),
    )

    def draft(self) -> FileDraft:
        """The file as typed."""
        return FileDraft(
            camera_id=UUID(str(self.camera.data)),
            name=self.name.data or "",
            size=checked(self.size),
            sha256=(self.sha256.data or "").lower().replace(" ", ""),
            format=self.format.data or "",
            span_from=checked(self.span_from),
            span_to=checked(self.span_to),
            clock_offset_seconds=checked(self.clock_offset_seconds),
            sm3=(self.sm3.data or "").lower().replace(" ", "") or None,
            player=self.player.data or "",
        )


class OutcomeForm(PortalForm):
    """What became of one camera."""

    camera = Choice(_("Camera"), choices=_now("cameras"))
    outcome = Choice(_("Outcome"), choices=[(key, text) for key, (_kind, text) in OUTCOME.items() if key != "pending"])
    note = Text(_("Explanation"), max_length=400, required=False)

    def given(self) -> Outcome:
        """The outcome as a value."""
        return Outcome(str(self.outcome.data))


class NotSuppliedForm(PortalForm):
    """The unit supplies nothing, and why."""

    outcome = Choice(
        _("Why nothing is supplied"),
        choices=[(key, text) for key, (_kind, text) in OUTCOME.items() if key not in ("pending", "supplied")],
    )
    reason = LongText(_("Explanation"), max_length=400, rows=2)


class HandoverForm(PortalForm):
    """Who receives which copy on what, before which witness."""

    receiver = Choice(_("Receiver"), choices=_now("receivers"))
    copy = Choice(_("Copy made before"), choices=_now("copies"), required=False, blank=_("Made at the counter"))
    due_back = DateText(
        _("Settled by"),
        required=False,
        hint=_("By when it is back, destroyed or in the case file; empty: as the rules say"),
    )
    medium = Choice(_("Medium"), choices=offered(MEDIUM))
    medium_serial = Text(_("Serial number of the medium"), max_length=80)
    destination = Text(_("Destination"), max_length=200, hint=_("Where the copy is kept, such as the case file"))
    id_seen = Tick(_("The receiver showed their identity paper; name and number are those above"), required=True)
    second_login = Text(_("Witness's account"), max_length=40, render_kw={"autocomplete": "off"})
    second_password = Password(_("Witness's password"))
    second_totp = Text(_("Witness's one-time code"), max_length=8, required=False, codelike=True)

    def kind(self) -> MediumKind:
        """The medium as a value."""
        return MediumKind(str(self.medium.data))


class ReceiptForm(PortalForm):
    """The receiver's answer: the digest of the set they hold."""

    manifest_digest = Text(
        _("Digest of the set"),
        max_length=120,
        codelike=True,
        hint=_("64 characters, as computed from the copy or read off the receipt; blanks do not matter"),
    )


class ArchiveForm(PortalForm):
    """Where the two copies of the slip lie."""

    archive_place = Text(_("Copy with letter and identity copy"), max_length=200)
    archive_place_b = Text(_("Copy with the viewing record"), max_length=200, required=False)


class ReasonForm(PortalForm):
    """A reason, for withdrawing or for lifting a hold."""

    reason = LongText(_("Explanation"), max_length=400, rows=2)
