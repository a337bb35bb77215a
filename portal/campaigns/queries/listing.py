"""The schools of a campaign with what their grades count for, as a list that leaves as a file (003 §4.1)."""

from collections.abc import Mapping
from functools import partial

from portal.accounts.permissions import Permission
from portal.campaigns.models import Campaign
from portal.campaigns.queries.reading import CONTRIBUTION, LACKING, LAST, LATE, OWN, PAPER, PROGRESS, standings
from portal.campaigns.states import Progress
from portal.inspection.rules.grades import grade_titles
from portal.registry.models import Unit
from portal.registry.queries.lists import Asked, Kind, ListColumn, ListFilter, ListSpec, Look, register_list
from portal.registry.queries.lists.spec import row


def _told(_asked: Asked, locale: str) -> Mapping[str, Mapping[str, str]]:
    return {"grade": {key: title.in_language(locale) for key, title in grade_titles().items()}}


STANDINGS = ListSpec(
    key="standings",
    permission=Permission.CAMPAIGN_EXPORT,
    model=Unit,
    rows=partial(standings, permission=Permission.CAMPAIGN_EXPORT),
    columns=(
        ListColumn(key="name", value=Unit.name, look=Look.LEAD, shown=True, sort=Unit.name),
        ListColumn(key="unit_type", value=Unit.unit_type, look=Look.STATUS, shown=True),
        ListColumn(key="district", value=Unit.district, look=Look.DISTRICT, shown=True),
        ListColumn(key="progress", value=PROGRESS, look=Look.STATUS, shown=True),
        ListColumn(key="handed_in", value=PAPER.c.handed_in, look=Look.DAY, shown=True),
        ListColumn(key="late", value=LATE, look=Look.FLAG, shown=True),
        ListColumn(key="self_score", value=OWN.c.score, look=Look.NUMBER, shown=True),
        ListColumn(key="score", value=LAST.c.score, look=Look.NUMBER, shown=True),
        ListColumn(key="grade", value=LAST.c.grade, shown=True),
        ListColumn(key="weight", value=Campaign.weight, look=Look.NUMBER, shown=True),
        ListColumn(key="contribution", value=CONTRIBUTION, look=Look.NUMBER, shown=True),
    ),
    filters=(
        row("campaign", Campaign.id, (Campaign.id, Campaign.title)),
        ListFilter(
            key="progress",
            kind=Kind.CHOICE,
            values=tuple(str(stage) for stage in Progress),
            where=lambda _asked, stages: PROGRESS.in_(stages),
        ),
        ListFilter(key="scheme", kind=Kind.EXACT, values=("lacking",), where=lambda _asked, _values: LACKING),
    ),
    reach={"unit": Unit.id, "organ": Campaign.organ_id},
    usually=lambda _wanted: "name",
    told=_told,
    file_only=True,
)

register_list(STANDINGS)
