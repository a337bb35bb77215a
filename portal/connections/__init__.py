"""Connection orders: a unit's own system joined directly to a public platform, for one of three purposes (LNK-01)."""
