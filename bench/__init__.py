"""Measurements that print a ratio: ours against the bare minimum or the obvious alternative. `make bench` runs all."""
