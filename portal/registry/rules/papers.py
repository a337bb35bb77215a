"""Papers of a system: who may open which level, what the rules ask for, and how each slot stands. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from portal.accounts.permissions import Permission
from portal.registry.rules.validity import validity
from portal.registry.values.archive import Validity
from portal.regulation.effective import EffectiveRules
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import Citation, Text
from portal.vault.values import Secrecy

if TYPE_CHECKING:
    from portal.registry.models import Document

# What must be allowed on a paper to open it, by how closely it is held.
OPENS: Mapping[Secrecy, Permission] = {
    Secrecy.OPEN: Permission.SYSTEM_READ,
    Secrecy.INTERNAL: Permission.DOCUMENT_READ,
    Secrecy.SENSITIVE: Permission.DOCUMENT_SENSITIVE,
    Secrecy.SECRET: Permission.DOCUMENT_SECRET,
}
# Any one of these is a drawing on file.
DRAWINGS = frozenset({"formal_design", "as_built", "preliminary_design"})
ACTS = ("filing", "acceptance")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One kind of paper: who asks for it, and its versions, newest first."""

    key: str
    text: Text
    required: bool
    citations: tuple[Citation, ...] = ()
    papers: Sequence["Document"] = ()
    state: Validity = Validity.VALID


@dataclass
class _Asked:
    text: Text
    required: bool = False
    citations: list[Citation] = field(default_factory=list)


def slots_of(
    rules: EffectiveRules, documents: Iterable["Document"], *, besides: Collection[str], on: date
) -> dict[str, list[Slot]]:
    """Every slot by the act that asks for it first, and under "other" those nobody asks for that hold something.

    `besides` are slots the portal fills by itself.
    """
    by_slot: dict[str, list[Document]] = {}
    for document in documents:
        by_slot.setdefault(document.slot, []).append(document)
    found: dict[str, list[Slot]] = {}
    known: set[str] = set(besides)
    for act in ACTS:
        for paper in rules.documents(act):
            if paper.document in known:
                continue
            known.add(paper.document)
            own = by_slot.get(paper.document, [])
            found.setdefault(act, []).append(
                Slot(
                    key=paper.document,
                    text=paper.text,
                    required=paper.required,
                    citations=paper.citations,
                    papers=own,
                    state=_state(own, on),
                )
            )
    other = [
        Slot(key=key, text=slot_text(rules.book, key), required=False, papers=own, state=_state(own, on))
        for key, own in by_slot.items()
        if key not in known
    ]
    return found | ({"other": other} if other else {})


def slot_text(book: Rulebook, key: str) -> Text:
    """The name of a slot; one that the vocabulary has given up keeps its key, so that its papers stay to be found."""
    for term in book.vocabulary.terms("document"):
        if term.key == key:
            return term.text
    return Text(zh=key, en=key)


def _state(papers: Sequence["Document"], on: date) -> Validity:
    if not papers:
        return Validity.MISSING
    newest = max(papers, key=lambda paper: paper.version_no)
    return validity(newest.expires_on, on)
