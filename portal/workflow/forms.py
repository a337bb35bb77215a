"""Forms of delegations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _

from portal.accounts.operations import Appointment
from portal.accounts.values import Home, Post
from portal.web.widgets import Choice, DateText, LongText, PortalForm


class DelegationForm(PortalForm):
    """Who fills whose post, from which day to which, and why."""

    holder = Choice(_("Post and holder"))
    delegate = Choice(_("Acting for the holder"), hint=_("Of the same unit or organ, and entitled to decide there"))
    from_day = DateText(_("First day"))
    to_day = DateText(_("Acts until"))
    reason = LongText(_("Why the post is lent"), max_length=400, rows=2, hint=_("Such as leave or a duty journey"))

    def offer(self, holders: Sequence[tuple[str, Any]], people: Sequence[tuple[str, str]]) -> None:
        """Who holds a post there, and who may stand in."""
        self.holder.choices, self.delegate.choices = list(holders), list(people)

    def appointment(self, home: Home) -> Appointment:
        """What was typed, once it was validated."""
        post, holder_id = str(self.holder.data).split(":", 1)
        return Appointment(
            home=home,
            post=Post(post),
            holder_id=UUID(holder_id),
            delegate_id=UUID(str(self.delegate.data)),
            from_day=self.from_day.data,
            to_day=self.to_day.data,
            reason=self.reason.data or "",
        )


class RevokeForm(PortalForm):
    """Why a delegation ends before its day."""

    reason = LongText(_("Why it ends before its day"), max_length=400, rows=2)
