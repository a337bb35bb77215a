"""Sign-in and sign-out, second factor, passwords, memberships and the two-key account rule."""

from portal.accounts.operations.concurrent import note_concurrent_use
from portal.accounts.operations.delegations import Appointment, appoint_stand_in, revoke_stand_in
from portal.accounts.operations.divisions import enter_divisions
from portal.accounts.operations.memberships import (
    create_account,
    create_organ,
    create_person,
    decide_proposal,
    dedicate_account,
    disable_account,
    end_membership,
    grant_membership,
    propose_account,
)
from portal.accounts.operations.notices import News, mark_read, notify_people, notify_units, people_with
from portal.accounts.operations.passwords import (
    change_password,
    confirm_totp,
    has_second_factor,
    prove_presence,
    start_totp,
    verify_second_person,
)
from portal.accounts.operations.profile import choose_language
from portal.accounts.operations.signin import SignedIn, revoke_sessions, sign_in, sign_out, touch_session
from portal.accounts.operations.tokens import count_use, issue_token, revoke_token

__all__ = [
    "Appointment",
    "News",
    "SignedIn",
    "appoint_stand_in",
    "change_password",
    "choose_language",
    "confirm_totp",
    "count_use",
    "create_account",
    "create_organ",
    "create_person",
    "decide_proposal",
    "dedicate_account",
    "disable_account",
    "end_membership",
    "enter_divisions",
    "grant_membership",
    "has_second_factor",
    "issue_token",
    "mark_read",
    "note_concurrent_use",
    "notify_people",
    "notify_units",
    "people_with",
    "propose_account",
    "prove_presence",
    "revoke_sessions",
    "revoke_stand_in",
    "revoke_token",
    "sign_in",
    "sign_out",
    "start_totp",
    "touch_session",
    "verify_second_person",
]
