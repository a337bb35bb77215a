"""Words for roles, posts, organ kinds and the account faults."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.accounts.values import AccountPurpose, Post, Role
from portal.web.problems import add_texts

ROLE_LABELS: Mapping[Role, LazyString] = {
    Role.UNIT_FILER: _("Unit filing clerk"),
    Role.UNIT_SECURITY_HEAD: _("Unit security head"),
    Role.UNIT_CUSTODIAN: _("Footage custodian of the unit"),
    Role.UNIT_APPROVER: _("Unit approver"),
    Role.REGISTRAR: _("Registrar"),
    Role.INSPECTOR: _("Inspector"),
    Role.INVESTIGATOR: _("Investigator"),
    Role.CASE_HEAD: _("Head of case department"),
    Role.BUREAU_LEADER: _("Bureau leader"),
    Role.SECTOR_SUPERVISOR: _("Sector supervisor"),
    Role.AUDITOR: _("Auditor"),
    Role.SYSTEM_ADMIN: _("System administrator"),
    Role.SECURITY_ADMIN: _("Security administrator"),
    Role.AUDIT_ADMIN: _("Audit administrator"),
}

POST_LABELS: Mapping[Post, LazyString] = {
    Post.DEPARTMENT_HEAD: _("Head of the department"),
    Post.UNIT_SECURITY_HEAD: _("Security head of the unit"),
    Post.PUBLIC_ORDER_LEADER: _("Security department's leader for public order"),
    Post.PUBLIC_ORDER_SECTION_CHIEF: _("Chief of public-order section"),
    Post.SECURITY_DIRECTOR: _("Director of security"),
    Post.SCHOOL_LEADER_SAFETY: _("School leader in charge of safety"),
    Post.POLICE_OFFICE_HEAD: _("Head of the campus police office"),
    Post.SYSTEM_ADMINISTRATOR: _("Administrator of the video system"),
    Post.LOGISTICS_DEPUTY_SECURITY: _("Deputy director of logistics, security"),
    Post.LOGISTICS_DEPUTY_CANTEEN: _("Deputy director of logistics, canteen"),
    Post.LOGISTICS_DEPUTY: _("Deputy director of logistics in charge"),
    Post.LOGISTICS_DIRECTOR: _("Director of logistics"),
    Post.CENTRE_DEPUTY_DIRECTOR: _("Deputy director of the service centre"),
    Post.CENTRE_PRINCIPAL: _("Principal leader of the service centre"),
    Post.UNIT_PRINCIPAL: _("Principal of the unit"),
    Post.RESIDENT_UNIT_HEAD: _("Head of the resident unit"),
    Post.CASE_DEPARTMENT_HEAD: _("Head of case department"),
    Post.BUREAU_LEADER: _("Bureau leader"),
}

PURPOSE_LABELS: Mapping[AccountPurpose, LazyString] = {
    AccountPurpose.GENERAL: _("General use"),
    AccountPurpose.VIEWING: _("Viewing only"),
    AccountPurpose.INSPECTION: _("Checks and maintenance, no playback"),
}

add_texts(
    {
        "own_purpose": _("Nobody sets the purpose of their own account."),
        "viewing_zones": _("A viewing account has zones, and no other account has."),
        "scope_missing": _("The token lacks the scope %(scope)s."),
        "refused": _("Account, password or one-time code is not right."),
        "locked": _("Too many failed attempts. Sign-in is locked for 15 minutes."),
        "totp": _("Type the one-time code of your second factor."),
        "password_wrong": _("This is not your present password."),
        "password_weak": _(
            "Too weak: use %(long)s characters, or %(short)s from three of: lower case, upper case, digits, signs."
        ),
        "password_long": _("At most %(limit)s characters."),
        "password_common": _("This password is easily guessed."),
        "password_personal": _("The password may not contain your account or name."),
        "password_reused": _("None of the last %(count)s passwords may come back."),
        "password_differs": _("The two new passwords differ."),
        "totp_wrong": _("This code does not fit. Check the clock of your phone and try the next one."),
        "token_scope": _("A token cannot be given what you may not do yourself."),
        "token_many": _("No more than %(limit)s tokens may be in force. Revoke one that is no longer used."),
        "must_change_password": _("The account must change its password before anything else."),
        "api_rate": _("Too many requests with this token. No more than %(limit)s are answered in a minute."),
        "login_taken": _("This account name is taken."),
        "police_number_taken": _("The person with this police number has an account already."),
        "one_admin_post": _("Nobody may hold two of the three administrator posts."),
        "own_proposal": _("You proposed this account yourself; somebody else must decide."),
        "delegation_not_holder": _("This person does not hold the post there today."),
        "delegation_to_oneself": _("The stand-in must be somebody else than the holder."),
        "delegation_by_oneself": _("Nobody appoints themselves; ask another who may."),
        "delegation_not_open": _("The stand-in must be of the same unit or organ and allowed to decide there."),
        "delegation_backward": _("The last day lies before the first."),
        "delegation_past": _("A delegation cannot begin in the past."),
        "delegation_taken": _("%(name)s stands in already on some of these days. Revoke that first."),
        "delegation_ended": _("This delegation has ended already."),
        "second_person_refused": _("The second person could not be verified."),
        "second_person_same": _("The second person must be somebody else than you."),
    }
)
