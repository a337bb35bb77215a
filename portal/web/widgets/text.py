"""Fields whose data are text: free text, secrets, and codes with a rule behind them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import PasswordInput, TextArea

from portal.core import codes
from portal.web.problems import say, sentence
from portal.web.widgets.base import PortalField, clean, plain


class Text(PortalField, StringField):
    """One line of text. `codelike=True` also makes full-width characters half-width."""

    def __init__(self, label: Any = None, *, max_length: int = 100, codelike: bool = False, **rest: Any) -> None:
        self.max_length, self.codelike = max_length, codelike
        super().__init__(label, **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the typed text, tidied."""
        if valuelist:
            self.data = self.tidied(valuelist[0])

    def tidied(self, text: str) -> str:
        """How this field cleans its text; a single line holds no line ends."""
        return re.sub(r"\s*\n\s*", " ", plain(text) if self.codelike else clean(text))

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is too long, naming both lengths."""
        if self.data and len(self.data) > self.max_length:
            text = _('"%(field)s": no more than %(max)s characters, now %(now)s')
            raise StopValidation(str(text) % {"field": self.label.text, "max": self.max_length, "now": len(self.data)})


class LongText(Text):
    """Several lines of text."""

    widget = TextArea()

    def __init__(self, label: Any = None, *, max_length: int = 2000, rows: int = 4, **rest: Any) -> None:
        super().__init__(label, max_length=max_length, render_kw={"rows": rows}, **rest)

    def tidied(self, text: str) -> str:
        """Line ends stay."""
        return clean(text)


class Password(Text):
    """A secret: kept exactly as typed, never shown again."""

    widget = PasswordInput(hide_value=True)

    def __init__(self, label: Any = None, *, max_length: int = 128, new: bool = False, **rest: Any) -> None:
        kind = "new-password" if new else "current-password"
        super().__init__(label, max_length=max_length, render_kw={"autocomplete": kind}, **rest)

    def tidied(self, text: str) -> str:
        """A password may begin or end with a blank."""
        return text


class Hidden(PortalField, HiddenField):
    """A bounded hidden value."""

    shape = "hidden"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Cleaned like any text."""
        self.data = clean(valuelist[0]) if valuelist else None

    def pre_validate(self, _form: Any) -> None:
        """Nobody types here: too long means tampered with."""
        if self.data and len(self.data) > 500:
            raise StopValidation(sentence("invalid", {}))


class Version(Hidden):
    """Which version of a row the reader saw. What is no number is no version that ever was, so the change is stale."""

    @property
    def seen(self) -> int:
        """The version as a number."""
        text = self.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class _Checked(Text):
    """A text with a rule of portal.core.codes behind it."""

    max_typed = 40

    def __init__(self, label: Any = None, **rest: Any) -> None:
        rest.setdefault("render_kw", {})
        rest["render_kw"] = {"class": "mono", "autocomplete": "off", "spellcheck": "false"} | rest["render_kw"]
        super().__init__(label, max_length=self.max_typed, **rest)

    def tidied(self, text: str) -> str:
        """Codes are written without blanks, in capitals."""
        return codes.tidy(clean(text))

    def fault(self) -> codes.Fault | None:
        """What the rule says about the typed code."""
        raise NotImplementedError

    def pre_validate(self, form: Any) -> None:
        """Length first, then the rule."""
        super().pre_validate(form)
        fault = self.fault() if self.data else None
        if fault is not None:
            raise StopValidation(say(fault))


class CreditCode(_Checked):
    """Unified social credit code, check character verified."""

    def fault(self) -> codes.Fault | None:
        """GB 32100-2015."""
        return codes.uscc_problem(self.data)


class DeviceCode(_Checked):
    """20-digit GB/T 28181 code."""

    def __init__(self, label: Any = None, *, city_code: str = "", **rest: Any) -> None:
        self.city_code = city_code
        super().__init__(label, **rest)

    def fault(self) -> codes.Fault | None:
        """Structure and dictionaries; the code has no check digit."""
        return codes.device_code_problem(self.data, city_code=self.city_code)


class ResidentId(_Checked):
    """Resident identity number. `today` is given by the view, for the birthday."""

    def __init__(self, label: Any = None, *, today: Callable[[], date], **rest: Any) -> None:
        self.today = today
        super().__init__(label, **rest)

    def fault(self) -> codes.Fault | None:
        """GB 11643-1999."""
        return codes.resident_id_problem(self.data, today=self.today())


class Phone(_Checked):
    """Telephone; `mobile=True` admits mobile numbers only."""

    def __init__(self, label: Any = None, *, mobile: bool = False, **rest: Any) -> None:
        self.mobile = mobile
        super().__init__(label, render_kw={"inputmode": "tel", "class": ""}, **rest)

    def tidied(self, text: str) -> str:
        """One way of writing a number."""
        return codes.tidy_phone(clean(text)[:60])

    def fault(self) -> codes.Fault | None:
        """Shape of the number."""
        return codes.mobile_problem(self.data) if self.mobile else codes.phone_problem(self.data)
