"""Forms of the register of firms: a firm, its certificates, its work on a system, the technicians it named."""

from datetime import date

from flask_babel import lazy_gettext as _

from portal.core.clock import city_day, utcnow
from portal.registry.forms.archive import RowForm, offers
from portal.registry.labels.archive import CONTRACTOR_KIND, TECHNICIAN_ROLE
from portal.registry.models import Engagement, EngagementTechnician
from portal.registry.values.archive import (
    ContractorKind,
    ContractorParticulars,
    EngagementParticulars,
    QualificationParticulars,
    TechnicianParticulars,
    TechnicianRole,
)
from portal.web.widgets import Choice, Choices, CreditCode, DateText, FileUpload, PortalForm, ResidentId, Text

PAPERS = ("pdf", "jpg", "jpeg", "png", "webp")


def _today() -> date:
    return city_day(utcnow())


class ContractorForm(RowForm):
    """A firm."""

    name = Text(_("Name of the firm"), max_length=120)
    uscc = CreditCode(_("Unified social credit code"))
    kinds = Choices(_("Kinds of work"), choices=offers(CONTRACTOR_KIND))
    address = Text(_("Address"), max_length=200, required=False)

    def particulars(self) -> ContractorParticulars:
        """As typed."""
        return ContractorParticulars(
            name=self.name.data,
            uscc=self.uscc.data,
            kinds=tuple(ContractorKind(kind) for kind in self.kinds.data),
            address=self.address.data or "",
        )


class QualificationForm(RowForm):
    """A certificate of a firm, with its scan."""

    kind = Choice(_("Kind of work"), choices=offers(CONTRACTOR_KIND))
    number = Text(_("Certificate number"), max_length=60, codelike=True)
    grade = Text(_("Grade of the certificate"), max_length=20, required=False, hint=_("As printed on the certificate"))
    issuer = Text(_("Issuing authority"), max_length=80, required=False)
    valid_from = DateText(_("Valid from"), required=False)
    valid_to = DateText(_("Valid until"), required=False, hint=_("Left empty: does not expire"))
    file = FileUpload(_("Scan"), extensions=PAPERS, required=False)

    def particulars(self) -> QualificationParticulars:
        """As typed."""
        return QualificationParticulars(
            kind=ContractorKind(str(self.kind.data)),
            number=self.number.data,
            grade=self.grade.data or "",
            issuer=self.issuer.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


class EngagementForm(RowForm):
    """A firm's work on a system."""

    contractor = Choice(_("Firm"))
    kind = Choice(_("Kind of work"), choices=offers(CONTRACTOR_KIND))
    contract_number = Text(_("Contract number"), max_length=60, required=False)
    valid_from = DateText(_("First day"), required=False)
    valid_to = DateText(_("Final day"), required=False, hint=_("Left empty: it goes on"))
    note = Text(_("Remark"), max_length=200, required=False)

    def particulars(self) -> EngagementParticulars:
        """As typed."""
        return EngagementParticulars(
            kind=ContractorKind(str(self.kind.data)),
            contract_number=self.contract_number.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            note=self.note.data or "",
        )

    def show(self, row: Engagement) -> None:
        """Fill the form from an engagement; its firm stays."""
        super().show(row)
        self.contractor.data = str(row.contractor_id)


class TechnicianForm(PortalForm):
    """A named technician and their part."""

    name = Text(_("Full name"), max_length=40)
    id_number = ResidentId(_("Identity number"), today=_today, required=False)
    role = Choice(_("Part in the work"), choices=offers(TECHNICIAN_ROLE))
    certificate = Text(_("Certificate"), max_length=60, required=False)
    certificate_number = Text(_("Certificate number"), max_length=60, codelike=True, required=False)
    certificate_to = DateText(_("Certificate valid until"), required=False)
    valid_from = DateText(_("First day"), required=False)
    valid_to = DateText(_("Final day"), required=False)

    def show(self, part: EngagementTechnician) -> None:
        """Fill the form; the identity number stays sealed."""
        person = part.technician
        for name in ("name", "certificate", "certificate_number", "certificate_to"):
            self[name].data = getattr(person, name)
        self.role.data, self.valid_from.data, self.valid_to.data = part.role, part.valid_from, part.valid_to

    def particulars(self) -> TechnicianParticulars:
        """As typed."""
        return TechnicianParticulars(
            name=self.name.data,
            role=TechnicianRole(str(self.role.data)),
            id_number=self.id_number.data or "",
            certificate=self.certificate.data or "",
            certificate_number=self.certificate_number.data or "",
            certificate_to=self.certificate_to.data,
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )
