"""The schools of a campaign with what their grades count for, as a list that leaves as a file (003 §4.1)."""

from functools import partial

from portal.accounts.permissions import Permission
from portal.campaigns.models import Campaign
from portal.campaigns.queries.reading import CONTRIBUTION, LAST, LATE, OWN, PAPER, PROGRESS, standings
from portal.campaigns.states import Progress
from portal.registry.models import Unit
from portal.registry.queries.lists import Kind, ListColumn, ListFilter, ListSpec, Look, register_list
from portal.registry.queries.lists.spec import row

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
        ListColumn(key="grade", value=LAST.c.grade, look=Look.STATUS, shown=True),
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
    ),
    reach={"unit": Unit.id, "organ": Campaign.organ_id},
    usually=lambda _wanted: "name",
    file_only=True,
)

register_list(STANDINGS)
