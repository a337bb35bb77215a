"""What is written into the books. Whoever destroys footage elsewhere asks `deletion` for its ticket, by the door of
`core.tickets`: importing this package opens it."""

from portal.upkeep.operations import deletion

__all__ = ["deletion"]
