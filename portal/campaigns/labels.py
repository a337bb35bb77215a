"""Words for campaigns, stages, groups and channels."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.campaigns.states import CampaignStatus, Channel, GroupRole, Progress
from portal.registry.labels import UNIT_TYPE
from portal.registry.labels.lists import add_list_words
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

STATUS: Mapping[CampaignStatus, Shown] = {
    CampaignStatus.DRAFT: ("idle", lazy_pgettext("campaign", "Being drawn up")),
    CampaignStatus.OPEN: ("info", lazy_pgettext("campaign", "Under way")),
    CampaignStatus.CLOSED: ("off", lazy_pgettext("campaign", "Closed")),
}

PROGRESS: Mapping[Progress, Shown] = {
    Progress.NOT_BEGUN: ("bad", lazy_pgettext("campaign", "Not begun")),
    Progress.SCHEME: ("warn", _("Scheme handed in")),
    Progress.ASSESSED: ("info", lazy_pgettext("campaign", "Self-assessed")),
    Progress.APPLIED: ("info", lazy_pgettext("campaign", "Applied")),
    Progress.FAILED: ("bad", _("Not up to standard")),
    Progress.GRADED: ("ok", _("Up to standard")),
}

ROLE: Mapping[GroupRole, LazyString] = {
    GroupRole.HEAD: _("Head of the group"),
    GroupRole.DEPUTY: _("Deputy head of the group"),
    GroupRole.OFFICE: _("Head of its office"),
    GroupRole.MEMBER: _("Member of the group"),
}

CHANNEL: Mapping[Channel, LazyString] = {
    Channel.MEETING: lazy_pgettext("publicity", "Meeting"),
    Channel.TRAINING: lazy_pgettext("publicity", "Training"),
    Channel.NOTICE: lazy_pgettext("publicity", "Notice board, banner"),
    Channel.ONLINE: lazy_pgettext("publicity", "Website, message"),
    Channel.LESSON: lazy_pgettext("publicity", "Lesson, class meeting"),
    Channel.OTHER: lazy_pgettext("publicity", "Other"),
}

add_list_words(
    "standings",
    title=_("Schools of a campaign"),
    page="campaigns.campaigns",
    names={
        "name": _("Name of the school"),
        "unit_type": _("Kind of unit"),
        "progress": _("How far it has come"),
        "handed_in": _("Scheme handed in"),
        "late": _("Scheme late"),
        "self_score": _("Self-assessed score"),
        "score": _("Official score"),
        "grade": _("Grade"),
        "weight": _("Share in the yearly safety assessment, in percent"),
        "contribution": _("Points towards the yearly safety assessment"),
        "campaign": _("Campaign"),
        "scheme": _("Scheme"),
    },
    shown={
        "unit_type": {kind: ("", name) for kind, name in UNIT_TYPE.items()},
        "progress": PROGRESS,
        "scheme": {"lacking": ("bad", _("Not handed in"))},
    },
)

add_texts(
    {
        "campaign_twice": _("Your bureau has a campaign of this year with this title already."),
        "campaign_closed": _("This campaign is closed."),
        "campaign_scope_fixed": _("District and kinds of school stay as they are once the campaign is open."),
        "group_without_head": _("Name the head of the leading group first."),
        "group_without_deputy": _("Name a deputy head of the leading group first."),
        "group_without_office": _("Name the head of the group's office first."),
        "head_already": _("%(name)s heads the group already; release that place first."),
        "member_left": _("This place has ended already."),
        "activity_day": _("The day lies between the beginning of the campaign and today."),
        "scheme_outside": _("The day lies within the campaign."),
        "district_not_yours": _("Your bureau does not cover this district."),
        "kinds_not_yours": _("Choose kinds of unit that your bureau supervises."),
    }
)
