"""Typed refusals. They carry codes and data, never sentences: `web.errors` and templates speak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default


class PortalError(Exception):
    """Base of every refusal the portal raises on purpose."""

    status = 500

    def __init__(self, code: str = "error", **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data: Mapping[str, object] = data


class NotAllowed(PortalError):
    """The person may see the thing but not do this to it."""

    status = 403


class NotFound(PortalError):
    """Unknown, or not to be known by this person: the two are not told apart."""

    status = 404


class IllegalTransition(PortalError):
    """The object's state does not allow the action."""

    status = 409


class Stale(PortalError):
    """Somebody else changed the object after it was read."""

    status = 409


class TooMany(PortalError):
    """A rate limit or a lock-out; `retry_after` in seconds when known."""

    status = 429


class Unavailable(PortalError):
    """A part that must not be skipped (audit, keys, storage) cannot do its work now."""

    status = 503


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the input: the field's name, a code the labels translate, and the data for its sentence."""

    field: str
    code: str
    data: Mapping[str, object] = default(default_factory=dict)


class Invalid(PortalError):
    """Input that cannot be taken as it is; every fault is listed, not only the first."""

    status = 422

    def __init__(self, problems: Sequence[Problem] | str, **data: object) -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems, data)]
        super().__init__(problems[0].code if problems else "invalid", **data)
        self.problems = list(problems)
