"""The steps of a count as sentences, so that a reader can recount every deadline."""

from collections.abc import Mapping

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.regulation.deadlines import Deadline, Step, StepCode
from portal.regulation.labels import DAY_LABELS
from portal.web import formats

PLAIN: Mapping[StepCode, LazyString] = {
    StepCode.STARTS: _("The limit starts from %(day)s."),
    StepCode.EVENT_DAY_EXCLUDED: _("That day itself is not counted."),
    StepCode.EVENT_DAY_COUNTED: _("That day itself is counted."),
    StepCode.PROVISIONAL: _("The holidays of that year are not announced yet; the date is provisional."),
    StepCode.PROMPTLY: _("The text asks for promptness and names no number of days."),
    StepCode.DUE: _("The last day is %(day)s."),
}


def deadline_steps(deadline: Deadline) -> list[str]:
    """Every step of the count, in order."""
    return [_sentence(step) for step in deadline.steps]


def _sentence(step: Step) -> str:
    day = formats.date_(step.day)
    if step.code in PLAIN:
        return str(PLAIN[step.code]) % {"day": day}
    if step.code is StepCode.EXTENDED:
        return ngettext(
            "Extended by %(num)s day to %(day)s: %(note)s",
            "Extended by %(num)s days to %(day)s: %(note)s",
            step.number,
            day=day,
            note=step.note,
        )
    if step.code in {StepCode.ENDS_ON_REST_DAY_KEPT, StepCode.MOVED_TO_WORKING_DAY}:
        return _last_day(step, day)
    return _counted(step, day)


def _counted(step: Step, day: str) -> str:
    number, days = step.number, _days(step)
    told = {
        StepCode.CALENDAR_DAYS: lambda: ngettext(
            "%(num)s calendar day later is %(day)s.", "%(num)s calendar days later is %(day)s.", number, day=day
        ),
        StepCode.WORKING_DAYS: lambda: ngettext(
            "%(num)s working day is reached on %(day)s.",
            "%(num)s working days are reached on %(day)s.",
            number,
            day=day,
        ),
        StepCode.REST_DAYS_PASSED: lambda: ngettext(
            "%(num)s day off on the way is not counted: %(days)s.",
            "%(num)s days off on the way are not counted: %(days)s.",
            number,
            days=days,
        ),
        StepCode.MAKE_UP_DAYS_COUNTED: lambda: ngettext(
            "%(num)s weekend day worked for a holiday is counted: %(days)s.",
            "%(num)s weekend days worked for a holiday are counted: %(days)s.",
            number,
            days=days,
        ),
    }
    return str(told[step.code]())


def _last_day(step: Step, day: str) -> str:
    kind = str(DAY_LABELS[step.days[0][1]])
    if step.code is StepCode.MOVED_TO_WORKING_DAY and len(step.days) > 1:
        return gettext("The last day falls on days off (%(days)s); it moves to %(day)s.", days=_days(step), day=day)
    if step.code is StepCode.MOVED_TO_WORKING_DAY:
        return gettext("The last day is a %(kind)s; it moves to %(day)s.", kind=kind, day=day)
    return gettext("The last day is a %(kind)s; this limit does not move for that.", kind=kind)


def _days(step: Step) -> str:
    """The days a step names, runs of them drawn together."""
    days = [day for day, _kind in step.days]
    runs: list[list[str]] = []
    previous = None
    for day in days:
        if previous is not None and (day - previous).days == 1:
            runs[-1][1:] = [formats.date_(day)]
        else:
            runs.append([formats.date_(day)])
        previous = day
    return gettext(", ").join(gettext(" to ").join(run) for run in runs)
