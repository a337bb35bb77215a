"""Papers of a system, and who stands where they stand."""

from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.registry.models import Document
from portal.registry.queries.units import kind_of
from portal.registry.rules.papers import OPENS
from portal.vault.values import Secrecy


def document_scope(document: Document, *, listed: bool = False) -> Scope:
    """Where a paper stands. A secret one opens inside its unit only; that there is one, its system's readers know."""
    return Scope(
        unit_ids=frozenset({document.unit_id}),
        districts=frozenset({document.district}),
        kind=kind_of(document, document.unit_id),
        unit_only=document.secrecy == Secrecy.SECRET and not listed,
    )


def may_open(identity: Identity, document: Document) -> bool:
    """Whether the person may open a paper at its level."""
    return allows(identity, OPENS[Secrecy(document.secrecy)], document_scope(document))


def get_document(session: Session, identity: Identity, document_id: UUID) -> Document:
    """A paper the person may open. Raises NotFound."""
    document = session.get(Document, document_id)
    if document is None or not may_open(identity, document):
        raise NotFound()
    return document


def owns_document(identity: Identity, document: Document) -> bool:
    """Whether the person answers for the paper's unit, and so may see who opened it."""
    return allows(identity, Permission.DOCUMENT_UPLOAD, document_scope(document))
