"""Fields that choose: a box, a list, several boxes, a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field
from wtforms.validators import StopValidation
from wtforms.widgets import FileInput, html_params

from portal.web.widgets.base import PortalField

# A value and its label, and the heading it stands under in a drop-down.
Offer = tuple[Any, Any] | tuple[Any, Any, Any]


@dataclass(frozen=True)
class Option:
    """One offered choice as a template draws it."""

    id: str
    value: str
    label: str
    group: str
    checked: bool


class Tick(PortalField, BooleanField):
    """One box to tick; `required=True` means it must be ticked."""

    shape = "check"
    ask = _('Tick "%(field)s" to go on')

    def __init__(self, label: Any = None, *, required: bool = False, **rest: Any) -> None:
        super().__init__(label, required=required, **rest)

    def _value(self) -> str:
        return "y"  # never what was sent


class _Choosing(PortalField, Field):
    """A choice that is not offered is a fault of the field, told in words."""

    ask = _('Choose "%(field)s"')

    def __init__(
        self,
        label: Any = None,
        *,
        choices: Iterable[Offer] | Callable[[], Iterable[Offer]] = (),
        coerce: Callable[[str], Any] = str,
        **rest: Any,
    ) -> None:
        self.choices, self.coerce = choices, coerce
        super().__init__(label, **rest)

    def offers(self) -> list[Offer]:
        """What is offered now; a callable is asked each time."""
        return list(self.choices() if callable(self.choices) else self.choices)

    def options(self) -> Iterator[Option]:
        """The offers with their marks, for the template."""
        chosen = {str(one) for one in self._given()}
        for place, offer in enumerate(self.offers()):
            group = str(offer[2]) if len(offer) == 3 else ""
            value = str(offer[0])
            yield Option(f"{self.id}-{place}", value, str(offer[1]), group, value in chosen)

    def _given(self) -> list[Any]:
        return [] if self.data is None else [self.data]

    def _read(self, typed: str) -> Any:
        by_value = {str(offer[0]) for offer in self.offers()}
        if typed not in by_value:
            raise ValueError(str(_('"%(field)s": choose one of those offered')) % {"field": self.label.text})
        return self.coerce(typed)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was chosen; whether it is offered is known only when the view has said what is."""
        self.data = valuelist[0] if valuelist and valuelist[0] else None

    def pre_validate(self, _form: Any) -> None:
        """Take the choice, if it is offered."""
        if self.raw_data and self.data is not None:
            self.data = self._read_or_stop(self.data)

    def _read_or_stop(self, typed: Any) -> Any:
        try:
            return self._read(str(typed))
        except ValueError as strange:
            self.data = None
            raise StopValidation(str(strange)) from strange


class _Select:
    """A native drop-down. It needs no script and works with every reader."""

    def __call__(self, field: "Choice", **attributes: Any) -> Markup:
        if field.flags.required:
            attributes["required"] = True
        out = [Markup("<select {}>").format(html_params(id=field.id, name=field.name, **attributes))]
        out.append(Markup('<option value="">{}</option>').format(str(field.blank)))
        for group, options in groupby(field.options(), key=lambda option: option.group):
            if group:
                out.append(Markup('<optgroup label="{}">').format(group))
            for one in options:
                mark = Markup(" selected") if one.checked else ""
                out.append(Markup('<option value="{}"{}>{}</option>').format(one.value, mark, one.label))
            if group:
                out.append(Markup("</optgroup>"))
        out.append(Markup("</select>"))
        return Markup("").join(out)


class Choice(_Choosing):
    """One of a list. The first line asks to choose, so that nothing is chosen by accident."""

    widget = _Select()

    def __init__(self, label: Any = None, *, blank: Any = None, **rest: Any) -> None:
        self.blank = _("Please choose") if blank is None else blank
        super().__init__(label, **rest)


class Radios(_Choosing):
    """One of a few, all in sight."""

    shape = "radios"

    def __init__(self, label: Any = None, *, column: bool = False, **rest: Any) -> None:
        self.column = column
        super().__init__(label, **rest)


class Choices(_Choosing):
    """Any of several, as boxes to tick. The data are a list, in the order offered."""

    shape = "checks"

    def __init__(self, label: Any = None, *, column: bool = False, **rest: Any) -> None:
        self.column = column
        super().__init__(label, **rest)

    def _given(self) -> list[Any]:
        return list(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Each ticked value once."""
        self.data = list(dict.fromkeys(valuelist[:500]))

    def pre_validate(self, _form: Any) -> None:
        """Take the ticked values, if they are offered."""
        if self.raw_data:
            self.data = [self._read_or_stop(value) for value in self.data or ()]


class FileUpload(PortalField, Field):
    """One file. The vault decides by content; here only presence and extension are checked, for a quick answer."""

    shape = "file"
    widget = FileInput()
    ask = _('Choose a file for "%(field)s"')

    def __init__(self, label: Any = None, *, extensions: Sequence[str] = (), **rest: Any) -> None:
        self.extensions = tuple(extensions)
        accept = {"accept": ",".join(f".{one}" for one in self.extensions)} if extensions else {}
        super().__init__(label, render_kw=accept, **rest)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep the upload itself."""
        files = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        self.data = files[0] if files else None

    def _value(self) -> str:
        return ""

    def pre_validate(self, _form: Any) -> None:
        """The extension, when some are named."""
        if self.data is None or not self.extensions:
            return
        ending = (self.data.filename or "").rpartition(".")[2].lower()
        if ending not in self.extensions:
            kinds = str(_(", ")).join(one.upper() for one in self.extensions)
            raise StopValidation(
                str(_('"%(field)s": only %(kinds)s are taken')) % {"field": self.label.text, "kinds": kinds}
            )
