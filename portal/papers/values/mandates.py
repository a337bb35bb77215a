"""Papers to those who must install."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import FormKey, Line, Paper, Prose, Word


class OrderToInstall(Paper):
    """责令安装通知书: the places that must install, on what basis, by when."""

    form: ClassVar[FormKey] = FormKey.ORDER_TO_INSTALL
    number: Word
    addressee: Line
    basis: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    parts: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    demand: Prose
    due_on: date | None = None
    served_on: date | None = None
    served_to: Word = ""
    organ: Line
    issued_on: date
