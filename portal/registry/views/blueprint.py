"""The registry's blueprint and its lines in the menu."""

from typing import Any

from flask import Blueprint, Flask
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("registry", __name__, template_folder="../templates")

# A page of a file keeps the line lit that leads to the file.
FILING_PARTS = ("registry.filing_", "registry.finding_", "registry.clock_", "registry.quick_")
UNIT_PARTS = (
    "registry.unit_",
    "registry.quality_unit",
    "registry.plan_",
    "registry.site_",
    "registry.system_",
    "registry.zones",
    "registry.zone",
    "registry.zone_",
    "registry.privacy",
    "registry.sign_",
    "registry.components",
    "registry.component_",
    "registry.party_",
    "registry.engagement_",
    "registry.technician_",
    "registry.compliance_",
    "registry.certificate_",
    "registry.standards",
    "registry.standards_",
    "registry.document",
    "registry.document_",
    "registry.connection_",
    "registry.import_",
)

add_to_navigation(
    bp,
    NavItem(
        section=Section.WORK,
        label=_("Filings"),
        endpoint="registry.filings",
        permission=Permission.FILING_READ,
        order=20,
        covers=(
            "registry.filing",
            "registry.deadlines",
            "registry.finding",
            "registry.clock",
            "registry.quick",
            *FILING_PARTS,
        ),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Units and systems"),
        endpoint="registry.units",
        permission=Permission.UNIT_READ,
        order=30,
        covers=("registry.unit", "registry.system", "registry.systems", *UNIT_PARTS),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Cameras"),
        endpoint="registry.cameras",
        permission=Permission.CAMERA_READ,
        order=40,
        covers=("registry.camera", "registry.camera_", "registry.cameras_", "registry.masks", "registry.mask_"),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Quality of files"),
        endpoint="registry.quality",
        permission=Permission.QUALITY_READ,
        order=45,
        covers=("registry.quality", "registry.quality_district"),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Firms"),
        endpoint="registry.contractors",
        permission=Permission.CONTRACTOR_READ,
        order=46,
        covers=("registry.contractor", "registry.contractor_", "registry.qualification_"),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Expiries"),
        endpoint="registry.expiries",
        permission=Permission.SYSTEM_READ,
        order=47,
    ),
)

add_to_navigation(
    bp,
    NavItem(
        section=Section.WORK,
        label=_("Coverage of zones"),
        endpoint="registry.coverage",
        permission=Permission.COVERAGE_READ,
        order=46,
    ),
    NavItem(
        section=Section.WORK,
        label=_("Review of points"),
        endpoint="registry.reviews",
        permission=Permission.REVIEW_READ,
        order=47,
        covers=("registry.review",),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Reports of the public"),
        endpoint="registry.tips",
        permission=Permission.TIP_OFF_HANDLE,
        order=48,
        covers=("registry.tip",),
    ),
    NavItem(
        section=Section.WORK,
        label=_("Protected sites"),
        endpoint="registry.protected_sites",
        permission=Permission.SITE_KEEP,
        order=49,
        covers=("registry.protected",),
    ),
)

setting: dict[str, Any] = {"base_url": ""}


def init_app(app: Flask) -> None:
    """Remember the address that receipts carry."""
    setting["base_url"] = app.extensions["portal_settings"].base_url.rstrip("/")
