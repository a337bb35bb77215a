"""The unit's own books: who keeps the passwords, what was changed with leave, where the footage is watched from, by whom."""
