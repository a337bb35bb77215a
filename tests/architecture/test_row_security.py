"""The database's own second line: a bare `select *` in a narrowed session gives rows inside the scope and no others.

What a row's place allows is said here once more, in Python, from the row's own columns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.scope import EVERYTHING, NOTHING, DataScope
from tests.architecture.conftest import MatrixPortal

Row = Mapping[str, Any]
Rule = Callable[[Row, DataScope, "Permitted"], bool]
Permitted = Mapping[str, frozenset[Any]]  # the permitted rows of the tables a rule leans on, by their ids


def by_place(row: Row, scope: DataScope, _: Permitted) -> bool:
    """The common rule: the unit's own rows, and those of the districts."""
    return row["unit_id"] in scope.units or row["district"] in scope.districts


def by_camera(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """What hangs on one camera: by place, and wherever the camera's filing is judged."""
    return by_place(row, scope, permitted) or row.get("camera_id", row.get("row_id")) in permitted["filed"]


def across(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """Cameras and their counts: by place, and by the district of the filing where that is another (decision 17)."""
    return by_place({"unit_id": None, **row}, scope, permitted) or row["filed_district"] in scope.districts


def readable(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """Systems: by place, and the name of what a camera on the reader's ground belongs to."""
    return by_place(row, scope, permitted) or row["id"] in permitted["hung"]


def of_sector(rule: Rule, column: str = "unit_id") -> Rule:
    """The rule beside it, and what the pages of those read who supervise a sector (decision 22)."""
    return lambda row, scope, permitted: row[column] in permitted["sector"] or rule(row, scope, permitted)


def by_person(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A notice is its reader's own."""
    return scope.person is not None and row["person_id"] == scope.person


def by_view(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """A saved view: whose it is, and whom it is shared with."""
    return by_person(row, scope, permitted) or row["unit_id"] in scope.units or row["organ_id"] in scope.organs


def by_request(row: Row, _: DataScope, permitted: Permitted) -> bool:
    """A part of a footage request goes where the request goes."""
    return row["request_id"] in permitted["footage_request"]


def used_on_site(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A use of a unit's equipment: the unit, the organ and the person that ask."""
    asked = scope.person is not None and row["applicant_id"] == scope.person
    return row["unit_id"] in scope.units or row["organ_id"] in scope.organs or asked


def of_stand_in(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A post that is lent: its unit or organ, and the two between whom it is."""
    either = scope.person is not None and scope.person in (row["holder_id"], row["delegate_id"])
    return row["unit_id"] in scope.units or row["organ_id"] in scope.organs or either


def by_use(row: Row, _: DataScope, permitted: Permitted) -> bool:
    """A part of a use goes where the use goes."""
    return row["use_id"] in permitted["equipment_use"]


def by_district(row: Row, scope: DataScope, _: Permitted) -> bool:
    """What no unit ever sees."""
    return row["district"] in scope.districts


def by_organ(row: Row, scope: DataScope, _: Permitted) -> bool:
    """The organ's own register, and nobody above or beside it."""
    return row["organ_id"] in scope.organs


def of_inspector(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """What an organ keeps of its inspectors: the organ, and the inspector himself. Never a unit he may come to."""
    return by_organ(row, scope, permitted) or by_person(row, scope, permitted)


def of_bureau(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """A campaign's groups and publicity: by place, and what the bureau itself entered."""
    return (row["unit_id"] is None and scope.person is not None) or by_place(row, scope, permitted)


def by_service(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A paper to a unit: the organ and its district at once, the unit once it was served."""
    served = row["served_on"] is not None and row["unit_id"] in scope.units
    return served or row["district"] in scope.districts or row["organ_id"] in scope.organs


def once_confirmed(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A refusal: the police, and the unit once a second person has confirmed it."""
    return row["district"] in scope.districts or (row["confirmed"] and row["unit_id"] in scope.units)


def barring(rule: Rule, settled: Callable[[Row], bool]) -> Rule:
    """What keeps a unit from being commended, once it is settled: for whoever supervises its sector, too."""
    return lambda row, scope, permitted: (
        (settled(row) and row["unit_id"] in permitted["sector"]) or rule(row, scope, permitted)
    )


def never(_row: Row, _scope: DataScope, _permitted: Permitted) -> bool:
    """Only whoever sees everything."""
    return False


def asked_by(person: str) -> Rule:
    """The unit that is asked, the organ and the person that ask. The district's other police have no part in it."""

    def rule(row: Row, scope: DataScope, _: Permitted) -> bool:
        return (
            row["unit_id"] in scope.units
            or row["requester_organ_id"] in scope.organs
            or (scope.person is not None and row[person] == scope.person)
        )

    return rule


def of_run(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """A run: its unit, either organ, whoever started it."""
    return asked_by("requester_id")(row, scope, permitted) or row["organ_id"] in scope.organs


def of_file(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """A stored file: its place, its organ, whoever brought it in."""
    brought = scope.person is not None and row["created_by_person"] == scope.person
    return (
        by_place(row, scope, permitted) or row["organ_id"] in scope.organs or brought or row["id"] in permitted["filed"]
    )


def of_act(row: Row, scope: DataScope, permitted: Permitted) -> bool:
    """A record of the log: its place, whoever acted."""
    return by_place(row, scope, permitted) or (scope.person is not None and row["actor_person"] == scope.person)


def of_question(row: Row, scope: DataScope, _: Permitted) -> bool:
    """A question about somebody: that person, who asked, the organ whose people it is about."""
    mine = scope.person is not None and scope.person in (row["person_id"], row["asked_by"])
    return mine or row["organ_id"] in scope.organs


RULES: dict[str, Rule] = {
    "unit": lambda row, scope, permitted: readable({**row, "unit_id": row["id"]}, scope, permitted),
    "system": readable,
    "camera": across,
    "footage_request": asked_by("requester_id"),
    "custody_entry": asked_by("requester_id"),
    "preservation_hold": asked_by("placed_by"),
    "approval_run": of_run,
    "approval_decision": lambda row, _, permitted: row["run_id"] in permitted["approval_run"],
    "stored_file": of_file,
    "audit_stage": of_act,
    "audit_entry": never,
    "audit_run": never,
    "notice": by_person,
    "webhook": by_person,
    "webhook_delivery": by_person,
    "saved_view": by_view,
    "list_choice": by_person,
    "list_run": by_person,
    "camera_count": across,
    **dict.fromkeys(("row_history", "privacy_mask", "place_review"), by_camera),
    **dict.fromkeys(("owner_complaint", "footage_backup"), lambda row, scope, _: row["unit_id"] in scope.units),
    **dict.fromkeys(("draw_member", "supervision_plan", "planned_visit", "planned_visit_photo"), by_organ),
    "tip_off": by_district,
    **dict.fromkeys(("campaign_member", "campaign_activity"), of_bureau),
    "fine_proposal": barring(by_district, lambda row: row["status"] == "imposed"),
    "refusal_finding": barring(once_confirmed, lambda row: row["confirmed"]),
    **dict.fromkeys(("measure", "correction_order"), by_service),
    "protected_site": by_organ,
    "footage_notice": by_person,
    "oversight_question": of_question,
    "equipment_use": used_on_site,
    "post_delegation": of_stand_in,
    **dict.fromkeys(("equipment_officer", "equipment_camera", "equipment_deed", "equipment_obstruction"), by_use),
    **dict.fromkeys(("inspector_profile", "inspector_absence", "inspector_conflict", "field_device"), of_inspector),
    "calendar_feed": by_person,
    **dict.fromkeys(
        (
            "footage_request_camera", "footage_request_officer", "footage_request_reader", "footage_request_document",
            "footage_unlock", "footage_item", "footage_manifest", "footage_handover", "footage_copy", "footage_deletion", "footage_leak", "footage_package",
            "footage_request_facts", "footage_supply", "footage_failing", "footage_call", "footage_viewing", "footage_identity_seen",
            "footage_missing", "footage_completeness",
            "footage_window", "footage_upload",
            "footage_breadth",
            "footage_unlock", "footage_item", "footage_manifest", "footage_handover", "footage_copy", "footage_deletion", "footage_leak", "footage_package", "footage_receipt",
            "footage_leak_measure",
        ),
        by_request,
    ),
    **dict.fromkeys(
        (
            "site", "system_party", "camera_access", "filing", "filing_revision", "document",
            "camera_import", "camera_import_row", "camera_import_fault",
            "recording_setting",
            "probe_target", "device_status", "probe_run", "device_state_change",
            "system_contact", "qualification_paper", "engagement", "technician", "engagement_technician",
            "system_compliance", "product_certificate", "system_connection", "plan_item", "plan_match",
            "acceptance", "acceptance_clock", "self_assessment", "visit", "visit_inspector", "visit_answer", "visit_photo",
            "inspection_finding", "finding_cure", "finding_proof", "sealed_entry",
            "conclusion_override",
            "mandated_unit", "mandate_match", "install_order", "mandate_part_cover", "public_project", "project_camera",
            "relocation_order", "relocation_camera", "public_move", "connection_order", "connection_camera",
            "password_custody", "custody_handover", "work_ticket", "workstation", "workstation_check", "operator",
            "readiness_report", "readiness_waiver",
            "filing_clock", "filing_confirmation", "filing_finding", "system_component",
            "system_zone", "zone_camera", "system_standard", "sign",
        ),
        by_place,
    ),
}  # fmt: skip
RULES = RULES | {
    **{table: of_sector(RULES[table]) for table in (
        "site", "system", "camera", "row_history", "stored_file", "filing", "filing_revision", "filing_clock",
        "filing_confirmation", "filing_finding", "document", "system_party", "system_contact", "system_compliance",
        "system_component", "system_connection", "system_standard", "system_zone", "zone_camera", "sign",
        "engagement", "engagement_technician", "technician", "qualification_paper", "product_certificate",
        "plan_item", "plan_match", "acceptance", "acceptance_clock", "self_assessment", "visit", "visit_inspector", "visit_answer", "visit_photo",
        "inspection_finding", "finding_cure", "finding_proof", "campaign_member", "campaign_activity",
        "readiness_report", "readiness_waiver",
        "inspection_finding", "finding_cure", "finding_proof", "sealed_entry",
        "inspection_finding", "finding_cure", "finding_proof", "conclusion_override",
        "measure", "correction_order", "connection_order", "connection_camera",
        "password_custody", "custody_handover", "work_ticket", "workstation", "workstation_check", "operator",
    )},
    **{table: of_sector(RULES[table], "id") for table in ("unit", "mandated_unit")},
    **{table: of_sector(RULES[table], "mandated_id") for table in ("install_order", "mandate_part_cover")},
}  # fmt: skip
# Tables that name a unit and stand open to the application, and why.
OPEN = {
    "membership": "who belongs where is read at every sign-in, before any scope is known",
}
# Nothing in this world yet: no rows to hide, their rule is the one the others show.
EMPTY = {
    "footage_failing",
    "footage_call",
    "footage_viewing",
    "footage_backup",
    "audit_entry",
    "row_history",
    "visit_photo",
    "planned_visit_photo",
    "footage_notice",
    "device_state_change",
    "probe_run",
}


@pytest.fixture(scope="module")
def session(matrix_portal: MatrixPortal) -> Iterator[Session]:
    with matrix_portal.database.session(EVERYTHING) as made:
        yield made


def guarded(session: Session) -> set[str]:
    """Every table under row-level security."""
    found = session.scalars(
        text(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relrowsecurity and n.nspname = 'public'"
        )
    )
    return set(found)


def test_every_guarded_table_has_its_rule_here(session: Session) -> None:
    assert guarded(session) == set(RULES)


def test_every_table_that_names_a_unit_is_guarded(session: Session) -> None:
    """In every schema, partitions included: what the application can read row by row is confined row by row."""
    named = session.execute(
        text(
            "select distinct n.nspname || '.' || c.relname, c.relname, c.relrowsecurity from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid "
            "where c.relkind in ('r', 'p', 'v', 'm') and a.attname = 'unit_id' and not a.attisdropped "
            "and has_schema_privilege('portal_app', n.oid, 'usage') and has_table_privilege('portal_app', c.oid, 'select')"
        )
    ).all()
    assert named
    open_to_all = {table for _, table, confined in named if not confined}
    assert open_to_all == set(OPEN), "guard it, or say here why it stands open"


def select_all(session: Session, table: str) -> list[Row]:
    """A bare `select *`, by which a forgotten condition would read."""
    return [dict(row) for row in session.execute(text(f"select *, ctid::text as row_place from {table}")).mappings()]


def _across(cameras: Sequence[Row], scope: DataScope) -> dict[str, frozenset[Any]]:
    """What leans on cameras over a border: their ids and pictures for the filing's district; their systems and units for
    the ground's."""
    filed = [row for row in cameras if row["filed_district"] in scope.districts]
    hung = [row for row in cameras if row["filed_district"] and row["district"] in scope.districts]
    return {
        "filed": frozenset(row[name] for row in filed for name in ("id", "scene_file_id") if row[name]),
        "hung": frozenset(row[name] for row in hung for name in ("system_id", "unit_id")),
    }


def _supervised(whole: Mapping[str, Sequence[Row]], scope: DataScope) -> dict[str, frozenset[Any]]:
    """Units of the kinds that are or run a system in the districts that are supervised, and entries of places that ought to be such units."""
    kinds = {row["id"]: row["unit_type"] for row in whole["unit"]}
    run = [{**row, "id": row["unit_id"], "unit_type": kinds[row["unit_id"]]} for row in whole["system"]]
    found = {
        row["id"]
        for row in (*whole["unit"], *whole["mandated_unit"], *run)
        for one in scope.sectors
        if (one.everywhere or row["district"] in one.districts)
        and (row["unit_type"] or kinds.get(row["unit_id"])) in one.kinds
    }
    return {"sector": frozenset(found)}


def test_a_bare_select_gives_permitted_rows_only(matrix_portal: MatrixPortal, session: Session) -> None:
    whole = {table: select_all(session, table) for table in RULES}
    assert {table for table, rows in whole.items() if not rows} <= EMPTY, "rows to hide are missing from this world"
    scopes = {NOTHING} | {one.identity.data_scope for one in matrix_portal.matrix.personas if one.identity}
    wrong, opened, hidden = [], set[str](), set[str]()
    for scope in scopes - {EVERYTHING}:
        permitted = _across(whole["camera"], scope) | _supervised(whole, scope)
        with matrix_portal.database.session(scope) as own:
            # `RULES` names a table before those that lean on it.
            for table, rule in RULES.items():
                good = [row for row in whole[table] if scope.everything or rule(row, scope, permitted)]
                if table in ("footage_request", "approval_run", "equipment_use"):
                    permitted[table] = frozenset(row["id"] for row in good)
                shown = {row["row_place"] for row in select_all(own, table)}
                if shown != {row["row_place"] for row in good}:
                    wrong.append(f"{table}: {len(shown)} shown, {len(good)} permitted, to {scope}")
                if shown:
                    opened.add(table)
                if len(shown) < len(whole[table]) and (scope.districts or scope.units):
                    hidden.add(table)
    assert not wrong, "\n".join(wrong)
    untried = set(RULES) - EMPTY - (opened & hidden)
    assert not untried, "no row of these is shown to one and hidden from another"


def test_a_scope_that_is_not_signed_opens_nothing(matrix_portal: MatrixPortal) -> None:
    """An injected SET cannot widen a session: the value is verified with a key that SQL cannot read."""
    forged = EVERYTHING.signed(b"not the key")
    with matrix_portal.database.session(NOTHING) as own:
        own.execute(text("select set_config('portal.scope', :value, true)"), {"value": forged})
        assert {table: len(select_all(own, table)) for table in RULES} == dict.fromkeys(RULES, 0)
