"""What all fields and forms share: cleaning, presence, and faults in words."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField
from wtforms.validators import StopValidation

from portal.core.errors import Invalid
from portal.core.text import without_unseen
from portal.web.problems import say


def clean(text: str) -> str:
    """Ends trimmed, line ends plain, invisible characters gone."""
    return without_unseen(text.replace("\r\n", "\n")).strip()


def plain(text: str) -> str:
    """`clean`, and full-width letters, digits and signs made half-width: for codes and numbers, never for names."""
    return clean(unicodedata.normalize("NFKC", text))


def is_empty(data: object) -> bool:
    """Was nothing given? Zero is something."""
    return data is None or data is False or data in ("", [])


class Required:
    """Something must be given; the sentence names the field, so that it reads well in the error summary too."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _('Enter "%(field)s"')

    def __call__(self, _form: Any, field: Field) -> None:
        """Stop at an empty field; a fault found while reading it is already told."""
        if field.errors:
            raise StopValidation()
        if is_empty(field.data):
            raise StopValidation(str(self.message) % {"field": field.label.text})


class Skippable:
    """Nothing given is fine and ends the checks."""

    field_flags = {"optional": True}

    def __call__(self, _form: Any, field: Field) -> None:
        """Stop quietly at an empty field."""
        if field.errors or is_empty(field.data):
            raise StopValidation()


class PortalField(Field):
    """Arguments every field has in common."""

    shape = "text"
    ask: Any = None
    data: Any

    def __init__(
        self,
        label: Any = None,
        *,
        required: bool = True,
        hint: Any = "",
        suffix: Any = "",
        validators: Sequence[Callable[[Any, Any], None]] = (),
        **rest: Any,
    ) -> None:
        self.hint, self.suffix = hint, suffix
        first: Callable[[Any, Any], None] = Required(self.ask) if required else Skippable()
        super().__init__(label, [first, *validators], **rest)


class PortalForm(FlaskForm):
    """Base of every form. The token is checked for the whole application, not a form at a time."""

    class Meta:
        csrf = False
        locales = False

    def problems(self) -> list[tuple[str, str]]:
        """Every fault with the id of the element to go to; faults of the whole form have no id."""
        whole = [("", str(text)) for text in self.form_errors]
        found = [(one.id, one.label.text, text) for field in self for one, text in _faults(field)]
        # Two telephone numbers, both wrong: what the fields are called tells the two lines apart.
        times = Counter(text for _id, _label, text in found)
        colon = gettext(": ")
        return whole + [(key, f"{label}{colon}{text}" if times[text] > 1 else text) for key, label, text in found]

    def take(self, refusal: Invalid) -> None:
        """Put what an operation found wrong onto the fields it named; what names no field stands over the form.

        What the refusal is to leave on record is kept, although the page is shown again.
        """
        if refusal.data.get("commit"):
            g.commit_anyway = True
        fields = {field.name: field for field in _with_parts(self)}
        for problem in refusal.problems:
            field = fields.get(problem.field)
            if field is None:
                self.form_errors.append(say(problem))
            else:
                field.errors = [*field.errors, say(problem)]


def _with_parts(fields: Iterable[Field]) -> Iterable[Field]:
    """Every field, and those within lists and groups of fields."""
    for field in fields:
        yield field
        if isinstance(field, FormField):
            yield from _with_parts(field.form)
        elif isinstance(field, FieldList):
            yield from _with_parts(field.entries)


def _faults(field: Field) -> Iterable[tuple[Field, str]]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _faults(inner)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from _faults(entry)
        yield from ((field, str(text)) for text in field.errors if isinstance(text, str))
    else:
        # The message stands once at the field; the summary needs only the first.
        yield from ((field, str(text)) for text in field.errors[:1])
