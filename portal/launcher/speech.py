"""What the launcher says on the terminal: Chinese first, English below."""

import sys


class Refusal(Exception):
    """The portal cannot start; the two texts say why and what to do. Nothing was changed."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese = chinese
        self.english = english


def tell(chinese: str, english: str) -> None:
    """One step, in both languages."""
    print(f"  {chinese}  {english}", flush=True)


def refuse(refusal: Refusal) -> None:
    """Why there is no portal."""
    print(f"错误：{refusal.chinese}\nError: {refusal.english}", file=sys.stderr, flush=True)
