"""People, organs, roles, and the one permission table."""
