"""The pages of connection orders."""

from portal.connections.views import acts, orders, panels
from portal.connections.views.blueprint import bp

__all__ = ["acts", "bp", "orders", "panels"]
