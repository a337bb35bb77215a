"""What is done on the page of a paper, whichever it is: an act of its organ, the unit's answer, the file that came with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.inspection.models import Finding
from portal.measures import values
from portal.measures.forms import ReplyForm
from portal.measures.models import CorrectionOrder, Measure
from portal.measures.queries.following import findings_to_follow
from portal.measures.views.blueprint import keep_paper_of
from portal.registry.operations.recording import about, note
from portal.regulation.labels import said
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.web import formats
from portal.web.links import uuid_or_none
from portal.web.session import db_session

Form = Any
Paper = Measure | CorrectionOrder
Act = Callable[[Form, dict[str, Any]], object]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One kind of paper: how it is found, what its organ may do with it, and what the unit answers."""

    named: str
    endpoint: str
    get: Callable[[Session, Identity, UUID], Any]
    scope: Callable[[Any], Scope]
    handle: Permission
    acts: Mapping[str, tuple[type[Any], Act]]
    show: Callable[..., ResponseReturnValue]
    answer: str
    take_answer: Callable[..., object]
    answered: LazyString


def act_on(page: Page, key: UUID, action: str) -> ResponseReturnValue:
    """What the organ does with its own paper; a form that is refused comes back with what was typed."""
    identity = current_identity()
    found = page.get(db_session(), identity, key)
    require(identity, page.handle, page.scope(found), read=Permission.MEASURE_READ)
    kind, act = page.acts[action]
    form = kind()
    if form.validate():
        try:
            act(form, {"actor": identity, page.named: key, "seen_version": form.version.seen, "now": utcnow()})
        except Invalid as refusal:
            form.take(refusal)
        else:
            return _back(page, key, gettext("Recorded."))
    return page.show(key, status=422, **{action: form})


def answer(page: Page, key: UUID) -> ResponseReturnValue:
    """What the unit answers, with a paper if it has one."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = page.get(session, identity, key)
    require(identity, Permission.MEASURE_REPLY, page.scope(found), read=Permission.MEASURE_READ)
    form = ReplyForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                stored = keep_paper_of(session, identity, found, form.file.data, now)
                named = {page.named: key}
                page.take_answer(session, actor=identity, **named, text=form.reply.data, stored_file_id=stored, now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            return _back(page, key, str(page.answered))
    return page.show(key, status=422, **{page.answer: form})


def _back(page: Page, key: UUID, told: str) -> ResponseReturnValue:
    flash(told, "ok")
    named: dict[str, Any] = {page.named: key}
    return redirect(url_for(page.endpoint, **named), 303)


def file_of(page: Page, key: UUID, column: str) -> ResponseReturnValue:
    """The paper that came with an answer; opening it is recorded."""
    session, identity = db_session(), current_identity()
    found = page.get(session, identity, key)
    file_id = getattr(found, column)
    if file_id is None:
        raise NotFound()
    note(session, identity, values.REPLY_FILE_READ, about(found, found.number or ""), found, now=utcnow())
    return send_stored_file(session, get_file(session, file_id))


def offer_findings(form: Form, unit_id: UUID) -> Mapping[UUID, Finding]:
    """Let a form choose among the findings of a unit that are not settled; those it can choose, by key."""
    found = findings_to_follow(db_session(), unit_id)
    form.findings.choices = [(str(one.id), finding_line(one)) for one in found]
    return {one.id: one for one in found}


def finding_line(finding: Finding) -> str:
    """A finding in one line: what the list asks, where, and until when it was to be cured."""
    told = gettext(
        "%(number)s. %(asked)s (%(where)s)", number=finding.number, asked=said(finding.asks), where=finding.where
    )
    if finding.due_on is None:
        return told
    late = finding.due_on < city_day(utcnow())
    day = formats.date_(finding.due_on)
    return f"{told} · {gettext('overdue since %(day)s', day=day) if late else gettext('cure by %(day)s', day=day)}"


def chosen_findings(form: Form) -> list[UUID]:
    """The findings a form named."""
    return [UUID(str(key)) for key in form.findings.data or ()]


def asked_findings(offered: Mapping[UUID, Finding], keys: Iterable[str]) -> list[Finding]:
    """The findings that the address names, as far as they can be chosen."""
    wanted = {uuid_or_none(key) for key in keys}
    return [one for key, one in offered.items() if key in wanted]


def facts_of(findings: Iterable[Finding]) -> str:
    """What was found, as the facts of a paper begin."""
    return "\n".join(f"{finding_line(one)}\n{one.found}".strip() for one in findings)
