"""Forms of copies: a new one, and each way in which one ends."""

from flask_babel import lazy_gettext as _

from portal.evidence.forms import PAPER_FILES, _now, checked, offered
from portal.evidence.labels import COPY_ROLE, MEDIUM
from portal.evidence.values.copies import CopyDraft, CopyRole, Ending
from portal.web.widgets import Choice, DateText, FileUpload, LongText, PortalForm, Radios, Text


class CopyForm(PortalForm):
    """The master with its shelf and keeper, or a working copy for one receiver."""

    role = Radios(_("What is made"), choices=offered(COPY_ROLE))
    medium = Choice(_("Medium"), choices=offered(MEDIUM))
    medium_serial = Text(_("Serial number of the medium"), max_length=80)
    receiver = Choice(_("Receiver"), choices=_now("receivers"), required=False)
    shelf = Text(_("Shelf"), max_length=120, required=False)
    keeper_name = Text(_("Keeper"), max_length=40, required=False)
    archive_reason = Text(
        _("Archived as important footage because"),
        max_length=400,
        required=False,
        hint=_("Then it stays in the archive after the purpose is met"),
    )

    def draft(self) -> CopyDraft:
        """The copy as typed."""
        place = str(self.receiver.data or "")
        return CopyDraft(
            role=CopyRole(str(self.role.data)),
            medium=str(self.medium.data),
            medium_serial=self.medium_serial.data or "",
            receiver_place=int(place) if place.isdigit() else None,
            shelf=self.shelf.data or "",
            keeper_name=self.keeper_name.data or "",
            archive_reason=self.archive_reason.data or "",
        )


class ReturnForm(PortalForm):
    """A copy came back."""

    on = DateText(_("Day"))
    note = Text(_("Brought back by, in what condition"), max_length=400, required=False)
    file = FileUpload(_("Signed paper"), extensions=PAPER_FILES, required=False)

    def ending(self) -> Ending:
        """The return as typed; its paper is taken in by the view."""
        return Ending(on=checked(self.on), note=self.note.data or "")


class DestroyForm(PortalForm):
    """A copy was destroyed, before a witness."""

    on = DateText(_("Day"))
    witness = Text(_("Witness of the destruction"), max_length=40)
    note = Text(_("How it was destroyed"), max_length=400)
    file = FileUpload(_("Record of the destruction"), extensions=PAPER_FILES, required=False)
    ticket = Text(
        _("Number of the granted deletion ticket"),
        max_length=40,
        required=False,
        hint=_("The purpose is not met yet: without a ticket the master stays"),
    )

    def ending(self) -> Ending:
        """The destruction as typed."""
        return Ending(
            on=checked(self.on),
            note=self.note.data or "",
            witness=self.witness.data or "",
            ticket=self.ticket.data or "",
        )


class CaseFileForm(PortalForm):
    """A copy went into the case file."""

    on = DateText(_("Day"))
    note = Text(_("Volume and place in the case file"), max_length=400)
    file = FileUpload(_("Signed paper"), extensions=PAPER_FILES, required=False)

    def ending(self) -> Ending:
        """The filing as typed."""
        return Ending(on=checked(self.on), note=self.note.data or "")


class PutOffForm(PortalForm):
    """More time for the receiver."""

    until = DateText(_("Settled by"))
    extend_reason = LongText(_("Explanation"), max_length=400, rows=2)


class MoveForm(PortalForm):
    """Another shelf or keeper of the master."""

    shelf = Text(_("Shelf"), max_length=120)
    keeper_name = Text(_("Keeper"), max_length=40)
    archive_reason = Text(_("Archived as important footage because"), max_length=400, required=False)
