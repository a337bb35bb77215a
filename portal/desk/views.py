"""The home page of each role, notices, and the search over everything."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires, viewer
from portal.accounts.models import Notice
from portal.accounts.operations import mark_read
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import city_day, real_now, utcnow
from portal.core.errors import NotFound
from portal.desk import queries
from portal.desk.labels import FIGURE, HIT, LIST_OF, NOTICE, TODO
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session, repeatable
from portal.web.shell import hooks_of

bp = Blueprint("desk", __name__, template_folder="templates")
# A hundred addresses that differ in the key alone are built as one, with this in the key's place.
SOMEWHERE = UUID(int=0)

add_to_navigation(
    bp,
    NavItem(section=Section.WORK, label=_("Desk"), endpoint="desk.home", permission=Permission.HOME_VIEW, order=0),
)


def init_app(app: Flask) -> None:
    """Plug home, search and the to-do count into the shell."""
    hooks = hooks_of(app)
    hooks.home_endpoint = hooks.todo_endpoint = "desk.home"
    hooks.search_endpoint = "desk.search"
    hooks.todo_count = _unread


def _unread() -> int:
    identity = viewer()
    if identity is None or identity.must:
        return 0
    return queries.count_unread(db_session(), identity)


@bp.get("/")
@requires(Permission.HOME_VIEW)
def home() -> ResponseReturnValue:
    """What is due today, what is overdue, the numbers that matter."""
    session, identity, now = db_session(), current_identity(), utcnow()
    today = city_day(now)
    sees_filings = may_ever(identity, Permission.FILING_READ)
    notices = queries.unread_notices(session, identity)
    subjects = queries.subjects_of(session, notices)
    weekly = queries.weekly_filings(session, identity, today=today) if sees_filings else []
    return render_template(
        "desk/home.html",
        today=today,
        identity=identity,
        figures=[
            (figure, *FIGURE[figure.key]) for figure in queries.figures(session, identity, today=today, now=real_now())
        ],
        todos=[(item, *TODO[item.kind]) for item in queries.todos(session, identity, today=today, now=now)],
        notices=[
            (row, NOTICE[row.kind][0], subjects.get(row.subject_id, ""), times)
            for row, times in queries.one_a_matter([row for row in notices if row.kind in NOTICE])
        ],
        weekly=weekly,
        districts=queries.by_district(session, identity, today=today) if sees_filings and not identity.unit_ids else [],
    )


@bp.post("/notices/<uuid:notice_id>")
@requires(Permission.HOME_VIEW)
@repeatable("a notice once read stays read")
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Open what a notice speaks of; it is read then."""
    session, identity = db_session(), current_identity()
    notice = session.get(Notice, notice_id)
    if notice is None or notice.person_id != identity.person_id or notice.kind not in NOTICE:
        raise NotFound()
    mark_read(session, actor=identity, notice_id=notice_id, now=real_now())
    _label, endpoint, name = NOTICE[notice.kind]
    return redirect(_address(endpoint, name, notice.subject_id), 303)


def _address(endpoint: str, name: str, key: UUID) -> str:
    values: dict[str, Any] = {name: key}
    return url_for(endpoint, **values)


@bp.get("/search")
@requires(Permission.HOME_VIEW)
def search() -> ResponseReturnValue:
    """Units, systems, cameras, filings and requests by a word, initials, a code or a number."""
    word = request.args.get("q", "")[:60].strip()
    found = queries.search(db_session(), current_identity(), word, today=city_day(utcnow()))
    if found.only is not None and request.args.get("go") != "list":
        _label, endpoint, name = HIT[found.only.kind]
        return redirect(_address(endpoint, name, found.only.id))
    groups = [(HIT[kind], LIST_OF.get(kind, ""), hits, kind in found.more) for kind, hits in found.groups.items()]
    return render_template("desk/search.html", word=word, groups=groups, somewhere=SOMEWHERE)
