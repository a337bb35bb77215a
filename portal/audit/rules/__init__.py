"""The mathematics of the log: canonical bytes, Merkle tree, signed checkpoints. Pure; no database."""
