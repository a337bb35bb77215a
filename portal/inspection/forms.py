"""Forms of inspection."""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from werkzeug.datastructures import MultiDict

from portal.core.errors import Invalid, Problem
from portal.inspection.labels import PROJECT_CLASS
from portal.inspection.states import SchoolType, Severity, Verdict
from portal.inspection.values import MOST_DEDUCTIONS, Deduction, ItemAnswer
from portal.regulation.schema.checklist import Checklist
from portal.regulation.schema.values import Span
from portal.web.widgets import (
    Choice,
    Choices,
    DateText,
    FileUpload,
    LongText,
    MapPoint,
    MomentText,
    PortalForm,
    Radios,
    Text,
    Tick,
    Version,
    WholeNumber,
    clean,
)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_POINTS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class ApplyForm(PortalForm):
    """Applying for acceptance."""

    kind = Radios(_("What do you apply for?"), column=True)
    project_class = Choice(
        _("Class of the security project"),
        choices=tuple(PROJECT_CLASS.items()),
        hint=_("As in the design papers; a third-class project hands in fewer papers"),
    )
    statement = LongText(
        _("Statement"), max_length=1000, required=False, hint=_("What was built, by whom, and since when it runs")
    )


class CheckForm(PortalForm):
    """Checking the papers."""

    verdict = Radios(
        _("The papers are"), choices=(("complete", _("complete")), ("return", _("to be completed by the unit")))
    )
    note = LongText(_("Note"), max_length=1000, rows=3, required=False)


class ScheduleForm(PortalForm):
    """Planning a visit."""

    starts_at = MomentText(_("Visit begins"))
    ends_at = MomentText(_("Visit ends"))
    inspectors = Choices(_("Inspectors"), column=True)
    override = LongText(_("Why the visit is planned all the same"), max_length=400, rows=2, required=False)


class SlotForm(PortalForm):
    """Choosing one of the times that are offered."""

    begins = MomentText(_("Time of the visit"))


class AbsenceForm(PortalForm):
    """An inspector is away for a time."""

    person = Choice(_("Inspector"))
    starts_at = MomentText(_("Away from"))
    ends_at = MomentText(_("Back at"))
    reason = LongText(_("Reason"), max_length=200, rows=2, required=False)


class InspectorForm(PortalForm):
    """What an inspector stands for, when he works and where he sets out; no hours at all leave them to the rule."""

    groups = Choices(_("Groups"), required=False)
    expert = Tick(_("Technical expert"))
    most_per_day = WholeNumber(_("Visits a day at most"), low=1, high=20, required=False)
    base = MapPoint(_("Where the inspector sets out"), required=False)
    day0 = Text(_("Monday"), max_length=60, required=False)
    day1 = Text(_("Tuesday"), max_length=60, required=False)
    day2 = Text(_("Wednesday"), max_length=60, required=False)
    day3 = Text(_("Thursday"), max_length=60, required=False)
    day4 = Text(_("Friday"), max_length=60, required=False)
    day5 = Text(_("Saturday"), max_length=60, required=False)
    day6 = Text(_("Sunday"), max_length=60, required=False)
    version = Version()


class ConflictForm(PortalForm):
    """An interest of an inspector in a unit."""

    unit = Text(_("Unit"), max_length=120, hint=_("Its full name or its credit code"))
    since = DateText(_("Since"))
    until = DateText(_("Until"), required=False)
    reason = LongText(_("What the interest is"), max_length=200, rows=2)


class CancelForm(PortalForm):
    """Calling a visit off."""

    reason = LongText(_("Why it is called off"), max_length=400, rows=3)


class ConcludeForm(PortalForm):
    """Closing a visit."""

    opinion = LongText(_("Opinion on the acceptance"), max_length=2000, required=False)
    rectification = LongText(_("What must be put right"), max_length=2000, required=False)
    version = Version()


PROOFS = ("pdf", "jpg", "jpeg", "png", "webp")


class CureForm(PortalForm):
    """The unit's report that a finding is cured."""

    words = LongText(_("How it was cured"), max_length=1000, rows=4)
    proof1 = FileUpload(_("Proof of the cure"), extensions=PROOFS, hint=_("A photo or a paper that shows the cure"))
    proof2 = FileUpload(_("Second proof"), extensions=PROOFS, required=False)
    proof3 = FileUpload(_("Third proof"), extensions=PROOFS, required=False)
    version = Version()


class DecideCureForm(PortalForm):
    """The organ's word on a cure."""

    verdict = Radios(_("The cure is"), choices=(("verify", _("verified")), ("return", _("returned to the unit"))))
    reason = LongText(_("Reason"), max_length=1000, rows=3, required=False, hint=_("Needed when it is returned"))
    version = Version()


class AskOverrideForm(PortalForm):
    """Asking for another conclusion than the arithmetic gave."""

    result = Radios(_("Conclusion asked for"), column=True)
    reason = LongText(_("Reason"), max_length=1000, rows=4)


class DecideOverrideForm(PortalForm):
    """The leader's word on another conclusion."""

    verdict = Radios(
        _("The other conclusion is"),
        choices=(("approve", _("approved")), ("refuse", lazy_pgettext("override", "refused"))),
    )
    note = LongText(_("Decision note"), max_length=1000, rows=3, required=False, hint=_("Needed when it is refused"))


class AssessmentForm(PortalForm):
    """A school's own assessment: the facts of the application form beside the list, and the leader's name under it."""

    principal = Text(_("Principal"), max_length=40, required=False)
    deputy = Text(_("Deputy in charge"), max_length=40, required=False)
    school_type = Choice(
        _("School type"),
        choices=((SchoolType.PUBLIC, _("Public school")), (SchoolType.PRIVATE, _("Private school"))),
        required=False,
    )
    students = WholeNumber(_("Students"), low=0, high=200_000, required=False)
    staff = WholeNumber(_("Staff"), low=0, high=50_000, required=False)
    teachers = WholeNumber(_("Full-time teachers"), low=0, high=50_000, required=False)
    statement = LongText(_("Self-assessment in words"), max_length=2000, rows=5, required=False)
    signed_by = Text(_("Signed by"), max_length=40, required=False)
    then = Choice(_("Then"), choices=(("stay", _("Save")), ("sign", _("Save and sign"))), required=False)
    version = Version()


THEN = (("stay", _("Stay here")), ("back", _("Go back")), ("accept", _("Take over what was found in advance")))


class AnswersForm(PortalForm):
    """The checklist: one choice, some deductions and one note an item, read straight from the request."""

    then = Choice(_("Then"), choices=THEN, required=False)


def read_answers(checklist: Checklist, typed: "MultiDict[str, str]") -> Mapping[str, ItemAnswer]:
    """The items that were judged. Raises Invalid naming the field of a number that is none."""
    answers, problems = {}, []
    for item in checklist.items:
        verdict = typed.get(f"{item.key}-verdict", "")
        if verdict not in set(Verdict):
            continue
        deductions, faults = _read_deductions(item.key, typed)
        problems += faults
        note = clean(typed.get(f"{item.key}-note", ""))[:1000]
        answers[item.key] = ItemAnswer(verdict=Verdict(verdict), deductions=deductions, note=note)
    if problems:
        raise Invalid(problems)
    return answers


def answers_typed(
    checklist: Checklist, answers: Mapping[str, ItemAnswer], typed: "MultiDict[str, str]"
) -> Mapping[str, ItemAnswer]:
    """What is kept, overlaid with the verdicts just typed: these decide which items are a question."""
    verdicts = {item.key: typed.get(f"{item.key}-verdict", "") for item in checklist.items}
    given = {key: ItemAnswer(verdict=Verdict(each)) for key, each in verdicts.items() if each in set(Verdict)}
    return {**answers, **given}


def deduction_rows(
    checklist: Checklist, answers: Mapping[str, ItemAnswer], typed: "MultiDict[str, str]"
) -> Mapping[str, list[tuple[str, str]]]:
    """Points and reason of each item's rows as the form shows them: what was typed, else what is kept, without holes,
    so that the fault of the second deduction stands at the second row; two more to fill in."""
    rows = {}
    for item in checklist.items:
        if typed:
            all_rows = [_row(item.key, typed, number) for number in range(1, MOST_DEDUCTIONS + 1)]
            filled = [row for row in all_rows if any(row)]
        else:
            kept = answers[item.key].deductions if item.key in answers else ()
            filled = [(f"{each.points:f}", each.reason) for each in kept]
        rows[item.key] = (filled + [("", "")] * 3)[: max(3, min(len(filled) + 2, MOST_DEDUCTIONS))]
    return rows


def _row(key: str, typed: "MultiDict[str, str]", number: int) -> tuple[str, str]:
    points, reason = (clean(typed.get(f"{key}-{name}-{number}", "")) for name in ("deduction", "reason"))
    return points, reason[:200]


def _read_deductions(key: str, typed: "MultiDict[str, str]") -> tuple[tuple[Deduction, ...], list[Problem]]:
    """The rows of one item that say anything, in their order; a row without points keeps its place as a fault."""
    deductions: list[Deduction] = []
    problems: list[Problem] = []
    for number in range(1, MOST_DEDUCTIONS + 1):
        points, reason = _row(key, typed, number)
        if not points and not reason:
            continue
        if not points or _POINTS.fullmatch(points):
            deductions.append(Deduction(Decimal(points or "0").quantize(Decimal("0.1")), reason))
        else:
            problems.append(Problem(f"{key}-deduction-{len(deductions) + len(problems) + 1}", "not_a_number"))
    return tuple(deductions), problems


def read_settled(checklist: Checklist, typed: "MultiDict[str, str]") -> Mapping[str, frozenset[str]]:
    """By item, the entries whose difference is settled by what was saved: those the reader was shown."""
    found = {}
    for item in checklist.items:
        named = frozenset(each for each in typed.get(f"{item.key}-settles", "").split()[:16] if _DIGEST.fullmatch(each))
        if named:
            found[item.key] = named
    return found


def read_severities(typed: "MultiDict[str, str]") -> Mapping[str, Severity]:
    """How grave the inspector takes each item that fell short to be."""
    given = {name.removeprefix("severity-"): value for name, value in typed.items() if name.startswith("severity-")}
    return {item: Severity(value) for item, value in given.items() if value in set(Severity)}


_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
DAYS = tuple(f"day{number}" for number in range(7))


def read_week(form: InspectorForm) -> Mapping[int, Sequence[Span]] | None:
    """The hours of each weekday; None where none is given for any day. Raises Invalid naming the day that cannot be
    read."""
    week, problems = {}, []
    for number, name in enumerate(DAYS):
        typed = (form[name].data or "").strip()
        found = [tuple(map(int, span.groups())) for span in _SPAN.finditer(typed)]
        try:
            spans = tuple(Span(begins=time(h, m), ends=time(until, past)) for h, m, until, past in found)
        except ValueError:
            spans = ()
        if spans:
            week[number] = spans
        elif typed:
            problems.append(Problem(name, "hours_unread"))
    if problems:
        raise Invalid(problems)
    return week or None


def shown_week(stored: Mapping[str, Sequence[Sequence[str]]] | None) -> dict[str, str]:
    """The hours of each weekday as they are typed."""
    return {
        f"day{day}": " ".join(f"{begins}-{ends}" for begins, ends in spans) for day, spans in (stored or {}).items()
    }
