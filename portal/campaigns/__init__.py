"""Campaigns of standard creation (达标创建): who leads them, what is due, how far the schools have come."""
