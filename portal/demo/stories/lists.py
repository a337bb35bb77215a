"""How people of the model city use its lists: views kept and shared, columns chosen, many cameras changed at once."""

from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.operations import Selection, bulk_edit, plan_bulk
from portal.registry.operations.views import choose_columns, save_view
from portal.registry.values.lists import Sharing

# Login, list, name, query, whom it is for, whether the list opens with it.
_VIEWS = (
    ("registrar", "cameras", "离线的一、二类点位", "live=offline&point_type=1,2", Sharing.ORGAN),
    ("registrar", "cameras", "档案不合格的重点点位", "quality=fail&key_point=1&cols=name,unit,faults", Sharing.SELF),
    ("registrar", "filings", "逾期未备案", "overdue=1&sort=due_on", Sharing.ORGAN),
    ("inspector", "systems", "待验收系统", "use=awaiting_acceptance,trial", Sharing.ORGAN),
    ("filer", "cameras", "送修摄像机", "status=repair", Sharing.UNIT),
)
_SYSTEM = "bank_branch"


def stories(stage: Stage) -> list[Story]:
    """Views of several people, one change of many."""
    return [_views(stage), _another_firm(stage)]


def _views(stage: Stage) -> Story:
    yield (now := stage.ago(26, 16, 20))
    for login, list_key, name, query, sharing in _VIEWS:
        save_view(
            stage.session,
            actor=stage.who(login, now),
            list_key=list_key,
            name=name,
            query=query,
            sharing=sharing,
            opens_list=False,
            now=now,
        )
    columns = ("name", "live", "zone", "model", "maintenance_unit", "retention_days", "gb_code")
    choose_columns(stage.session, actor=stage.who("filer", now), list_key="cameras", columns=columns)


def _another_firm(stage: Stage) -> Story:
    """The bank gives the upkeep of its cameras to another firm."""
    yield (now := stage.ago(52, 15, 5))
    actor = stage.who("registrar", now)
    selection = Selection(keys=tuple(stage.cameras[_SYSTEM][:12]))
    changes = {"maintenance_unit": "安阳市安视维保有限公司"}
    plan = plan_bulk(stage.session, actor=actor, selection=selection, changes=changes, now=now)
    bulk_edit(
        stage.session,
        actor=actor,
        selection=selection,
        changes=changes,
        reason="年度维保合同到期，变更维护单位",
        seen=plan.seal,
        leave_out=False,
        now=now,
    )
