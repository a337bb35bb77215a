"""How oversight of requests reads: what stands out, its working, and where an explanation stands."""

from collections.abc import Mapping
from dataclasses import asdict

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.evidence.queries.counting import PERIOD_DAYS
from portal.evidence.values.watching import QuestionStatus, SignKind, Thresholds
from portal.web.problems import add_texts

SIGN: Mapping[SignKind, LazyString] = {
    SignKind.NO_CASE: _("No case number"),
    SignKind.OFF_HOURS: _("Outside working hours"),
    SignKind.VOLUME: _("Unusual volume"),
    SignKind.REPEATS: _("Same camera across cases"),
    SignKind.PAIR: _("Always the same two"),
    SignKind.QUICK: _("Approved within seconds"),
    SignKind.HOLD: _("Hold not confirmed"),
}
QUESTION: Mapping[QuestionStatus, tuple[str, LazyString]] = {
    QuestionStatus.ASKED: ("warn", _("Explanation asked for")),
    QuestionStatus.ANSWERED: ("info", _("Explained, to be judged")),
    QuestionStatus.ACCEPTED: ("ok", _("Explanation accepted")),
    QuestionStatus.ESCALATED: ("bad", _("Taken further")),
}
# Said with the numbers of the day, each by the name it has among the thresholds.
HOW: Mapping[SignKind, LazyString] = {
    SignKind.NO_CASE: _(
        "Police requests and uses of equipment of the last %(days)s days without a case number. Secret cases, whose number"
        " is sealed, are left out."
    ),
    SignKind.OFF_HOURS: _(
        "Recordings opened and requests decided in the last %(days)s days on rest days, holidays or outside working hours."
    ),
    SignKind.VOLUME: _(
        "Requests of one person in %(period)s days, against the median of their own periods before and of everybody in these"
        " days; listed from %(outlier_least)s requests and %(outlier_score)s robust spreads on both counts."
    ),
    SignKind.REPEATS: _(
        "One person's requests for one camera under %(repeats_least)s or more case numbers in %(days)s days. Names and number"
        " plates are no fields of a request, so they are not compared."
    ),
    SignKind.PAIR: _(
        "Units where more than two may open recordings, and the same two opened %(pair_percent)s in 100 or more of at least"
        " %(pair_least)s in %(days)s days."
    ),
    SignKind.QUICK: _("Approvals given within %(quick_seconds)s seconds of their turn, in the last %(days)s days."),
    SignKind.HOLD: _("Orders to keep footage that the unit left unconfirmed for %(hold_hours)s hours."),
}
add_texts(
    {
        "evidence.asked_already": _("About this an explanation has been asked for already"),
        "evidence.nobody_to_ask": _("There is nobody to ask, or it would be yourself"),
        "evidence.question.illegal": _("The explanation no longer stands where this would be done"),
    }
)


def how(kind: SignKind, limits: Thresholds) -> str:
    """What is compared and from which numbers on, in one sentence."""
    return str(HOW[kind]) % {**asdict(limits), "period": PERIOD_DAYS}


def working(kind: SignKind, facts: Mapping[str, object]) -> str:
    """What was counted for one sign."""
    match kind:
        case SignKind.VOLUME:
            parts = [gettext("%(count)s requests in %(period)s days", count=facts.get("count"), period=PERIOD_DAYS)]
            if "own_usual" in facts:
                parts.append(
                    gettext(
                        "own median %(usual)s, spread %(spread)s, %(score)s spreads above",
                        usual=facts["own_usual"],
                        spread=facts["own_spread"],
                        score=facts["own_score"],
                    )
                )
            if "peers_usual" in facts:
                parts.append(
                    gettext(
                        "peers' median %(usual)s, spread %(spread)s, %(score)s spreads above",
                        usual=facts["peers_usual"],
                        spread=facts["peers_spread"],
                        score=facts["peers_score"],
                    )
                )
            return "；".join(parts)
        case SignKind.REPEATS:
            return gettext(
                "%(count)s requests, %(cases)s case numbers", count=facts.get("count"), cases=facts.get("cases")
            )
        case SignKind.PAIR:
            return gettext(
                "with %(second)s: %(count)s of %(total)s openings; %(able)s people may open", second=facts.get("second"),
                count=facts.get("count"), total=facts.get("total"), able=facts.get("able"),
            )  # fmt: skip
        case SignKind.QUICK:
            return gettext("after %(seconds)s seconds", seconds=facts.get("value"))
        case SignKind.OFF_HOURS:
            return gettext("recordings opened") if facts.get("value") == "opened" else gettext("request decided")
        case _:
            return gettext("no case number given") if kind is SignKind.NO_CASE else ""
