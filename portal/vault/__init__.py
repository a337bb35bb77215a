"""Stored files: checked and opened only in limited child processes, kept sealed under the hash of their content."""
