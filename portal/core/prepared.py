"""Statements that PostgreSQL plans once for each connection: those that every page, or every search, asks.

Under row-level security a statement over a few tables takes the planner longer than the rows take to be read. One marked
`PREPARED` is prepared the first time a connection is asked for it and executed by name from then
on; the policies are part of its plan, and what they compare with is read anew each time. After a few times PostgreSQL
keeps one plan for all values: mark a statement only if one plan is right for all of them.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

PREPARED: Mapping[str, bool] = {"prepared": True}
# So many different ones a connection keeps; what comes after is planned each time, as any other statement.
MOST = 100
_PLACE = re.compile(r"%\((\w+)\)s|%%")


def prepare_marked(engine: Engine) -> None:
    """Let the engine prepare the statements that are marked."""
    event.listen(engine, "before_cursor_execute", _by_name, retval=True)


def _by_name(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, *many: bool
) -> tuple[str, Any]:
    if context is None or any(many) or not context.execution_options.get("prepared"):
        return statement, parameters
    # By the pool's record of the very connection: a new one in its place has prepared nothing.
    known: dict[str, str] = connection.info.setdefault("prepared", {})
    call = known.get(statement)
    if call is None:
        if len(known) >= MOST:
            return statement, parameters
        call = known[statement] = _prepare(cursor, f"portal_{len(known)}", statement, parameters)
    return call, parameters


def _prepare(cursor: Any, name: str, statement: str, parameters: Mapping[str, Any]) -> str:
    """Prepare it under a name; how it is executed from then on."""
    places = {key: place for place, key in enumerate(parameters, 1)}

    def numbered(found: re.Match[str]) -> str:
        return f"${places[found[1]]}" if found[1] else "%"

    cursor.execute(f"prepare {name} as {_PLACE.sub(numbered, statement)}")
    return f"execute {name}({', '.join(f'%({key})s' for key in places)})" if places else f"execute {name}"
