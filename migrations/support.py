"""Grants and row-level security, said once for every table a migration makes."""

from alembic import op


def grant(table: str, *, app: str = "select, insert, update, delete", map_reads: bool = False) -> None:
    """Give the application's role its rights on a table, and the map role reading where it draws from it."""
    if app:
        op.execute(f"grant {app} on {table} to portal_app")
    if map_reads:
        op.execute(f"grant select on {table} to portal_map")


def guard_rows(
    table: str,
    *,
    unit: str | None = "unit_id",
    district: str | None = "district",
    extra: str = "",
    map_reads: bool = False,
) -> None:
    """Row-level security: a session sees rows inside its signed scope, by unit, district or an extra condition.

    `extra` is SQL over the row, for example `organ_id = any ((select portal_scope_organs())::uuid[])`. The scope
    functions stand in sub-selects, so that PostgreSQL evaluates them once a query and keeps its indexes.
    """
    conditions = ["(select portal_scope_all())"]
    if unit:
        conditions.append(f"{unit} = any ((select portal_scope_units())::uuid[])")
    if district:
        conditions.append(f"{district} = any ((select portal_scope_districts())::text[])")
    if extra:
        conditions.append(f"({extra})")
    clause = " or ".join(conditions)
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_in_scope on {table} to portal_app using ({clause}) with check ({clause})")
    if map_reads:
        op.execute(f"create policy {table}_map on {table} for select to portal_map using (true)")


def append_only(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on a table, whoever asks."""
    op.execute(
        f"create trigger {table}_append_only before update or delete or truncate on {table} "
        "for each statement execute function portal_refuse_change()"
    )


def read_imports_again() -> None:
    """Queue anew the imports that another version had checked or was loading: what it had staged, this one cannot load.

    The sheet is in the vault and is read from there, with what was decided about it. Cameras that are in already are
    known again: by their code as unchanged, otherwise as a fault to be decided. Nothing is loaded before somebody has
    looked.
    """
    op.execute(
        "with again as ("
        "update camera_import set status = 'queued', preview_first = true, preview = '[]', rows_read = 0, loaded_to = 0, "
        "rows_in = 0 where status in ('checked', 'loading') returning id, created_by) "
        "insert into outbox (id, kind, queue, payload, not_before, created_at) "
        "select gen_random_uuid(), 'registry.import_cameras', 'import', jsonb_build_object('import_id', again.id, "
        "'actor_name', coalesce(p.name, ''), 'step', 'check'), now(), now() "
        "from again left join person p on p.id = again.created_by"
    )


# Characters of names that are read in two ways which begin differently.
_READ_TWICE = {
    pair[0]: pair[1:]
    for pair in [
        "重zc",
        "行xh",
        "长cz",
        "乐ly",
        "单ds",
        "朝cz",
        "厦sx",
        "曾cz",
        "仇cq",
        "尉wy",
        "查cz",
        "盛sc",
        "车cj",
        "调dt",
        "传cz",
        "藏cz",
        "降jx",
        "校xj",
        "会hk",
        "卡kq",
        "弹dt",
        "折zs",
        "提td",
        "晟sc",
        "浚xj",
        "浒hx",
        "种zc",
        "秘mb",
        "翟dz",
        "蔚wy",
        "覃tq",
        "贾jg",
        "铅qy",
        "解jx",
        "石sd",
        "系xj",
        "省sx",
        "区qo",
        "泌mb",
        "柏bp",
        "铛dc",
        "番fp",
        "幢cz",
        "畜cx",
        "禅cs",
        "阿ae",
    ]
}
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FA5


def initial_letters() -> bytes:
    """Two letters for every Chinese character of the basic block: how its sound begins; spaces where none is known."""
    from pypinyin import Style, lazy_pinyin

    found = bytearray()
    for code in range(FIRST_HAN, LAST_HAN + 1):
        letter = "".join(lazy_pinyin(chr(code), style=Style.FIRST_LETTER, errors="ignore"))[:1].lower()
        pair = _READ_TWICE.get(chr(code), letter if letter.isascii() else "")
        found += pair.ljust(2).encode()
    return bytes(found)
