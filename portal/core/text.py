"""Text as it looks: without what cannot be seen and lets a name read differently from what it is."""

import re

# Control characters, and the marks that turn or hide what stands beside them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def without_unseen(text: str) -> str:
    """The text as it looks."""
    return _UNSEEN.sub("", text)
