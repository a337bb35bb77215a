"""What people settle about their own account beside its security."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import NotFound


def choose_language(session: Session, *, actor: Identity, locale: str, now: datetime) -> None:
    """Keep the language the caller reads in, for every browser they will sign in at."""
    account = session.get(Account, actor.account_id, with_for_update=True)
    if account is None:
        raise NotFound()
    if account.locale == locale:
        return
    change = FieldChange(name="locale", old=account.locale, new=locale)
    account.locale = locale
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.LANGUAGE_CHOSEN, subject=subject, changes=[change], now=now)
