"""Forms of lists: a view to keep, a file to take out, many cameras to change."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from portal.registry.forms.cameras import CameraForm, field_widget
from portal.registry.labels.camera import CAMERA_FIELD
from portal.registry.labels.lists import EXPORT_FORMAT, EXPORT_LAYOUT, SHARING
from portal.registry.rules import TYPED, CameraField
from portal.registry.rules.bulk import BULK, BULK_BY_KEY
from portal.registry.values.lists import ExportFormat, ExportLayout, Sharing
from portal.web.widgets import Choices, LongText, PortalForm, Radios, Text, Tick


class ViewForm(PortalForm):
    """A view of a list, to be found again."""

    name = Text(_("Name of the view"), max_length=60, hint=_("What the view shows, such as 文峰区离线一类点"))
    sharing = Radios(_("For whom"), choices=[(str(each), text) for each, text in SHARING.items()])
    opens_list = Tick(_("Open the list with this view"))

    def shared(self) -> Sharing:
        """Whom the view is for."""
        return Sharing(self.sharing.data)


class ExportForm(PortalForm):
    """A list as a file. Nobody exports without a reason."""

    format = Radios(_("File format"), choices=[(str(each), text) for each, text in EXPORT_FORMAT.items()])
    layout = Radios(_("Columns of the file"), choices=[(str(each), text) for each, text in EXPORT_LAYOUT.items()])
    reason = LongText(
        _("What the file is needed for"),
        max_length=400,
        rows=3,
        hint=_("Goes into the audit log with the conditions and the number of rows"),
    )

    def chosen(self) -> tuple[ExportFormat, ExportLayout]:
        """The format and the columns."""
        return ExportFormat(self.format.data), ExportLayout(self.layout.data or ExportLayout.SHOWN)


class BulkForm(CameraForm):
    """The same change for many cameras: what is ticked is set, emptied where nothing is given; the rest stays."""

    change = Choices(
        _("What is changed"), choices=[(each.key, CAMERA_FIELD[each.key]) for each in BULK], required=False
    )
    reason = LongText(_("Reason of the change"), max_length=200, rows=2, required=False)

    def picked(self) -> list[CameraField]:
        """The fields ticked."""
        return [BULK_BY_KEY[key] for key in self.change.data or () if key in BULK_BY_KEY]

    def sound(self) -> bool:
        """Whether what is ticked can be taken; what was left in other fields does not count."""
        self.validate()
        ticked = {each.key for each in self.picked()} | {"change", "reason"}
        for field in self:
            if field.name not in ticked:
                field.errors = ()
        return not self.errors

    def changes(self) -> Mapping[str, Any]:
        """The value of each field ticked."""
        return {each.key: self.value_of(each) for each in self.picked()}


for _each in TYPED:
    # Only what many cameras can share; none of it has to be given.
    setattr(BulkForm, _each.key, field_widget(_each, needed=False) if _each.key in BULK_BY_KEY else None)
setattr(BulkForm, "version", None)  # noqa: B010 - WTForms takes a field away so
