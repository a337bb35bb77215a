"""Small pictures drawn in code: a sign on a wall, a masked view, a corridor. No photograph of any real place."""

import struct
import zlib
from collections.abc import Sequence
from functools import cache

_WIDTH, _HEIGHT = 240, 180
Colour = tuple[int, int, int]
Box = tuple[int, int, int, int, Colour]

_SKY: Colour = (176, 205, 228)
_WALL: Colour = (214, 208, 196)
_FLOOR: Colour = (120, 122, 126)
_SIGN: Colour = (20, 86, 160)
_PAPER: Colour = (246, 246, 242)
_GLASS: Colour = (92, 120, 140)
_BLACK: Colour = (24, 26, 30)

# Painted one over the other: left, top, right, bottom.
SIGN: Sequence[Box] = (
    (0, 0, 240, 180, _WALL),
    (0, 150, 240, 180, _FLOOR),
    (70, 36, 170, 126, _SIGN),
    (78, 44, 162, 118, _PAPER),
    (98, 60, 134, 84, _SIGN),
    (134, 66, 146, 78, _SIGN),
    (88, 96, 152, 101, _BLACK),
    (88, 106, 136, 110, _BLACK),
)
MASKED: Sequence[Box] = (
    (0, 0, 240, 180, _SKY),
    (0, 120, 240, 180, _FLOOR),
    (20, 30, 110, 120, _WALL),
    (140, 20, 230, 120, _WALL),
    (24, 40, 106, 112, _BLACK),
    (150, 40, 170, 62, _GLASS),
    (190, 40, 210, 62, _GLASS),
)
CORRIDOR: Sequence[Box] = (
    (0, 0, 240, 180, _WALL),
    (0, 120, 240, 180, _FLOOR),
    (96, 56, 144, 120, _PAPER),
    (20, 50, 60, 140, _GLASS),
    (180, 50, 220, 140, _GLASS),
)


@cache
def picture(boxes: Sequence[Box]) -> bytes:
    """The boxes as a PNG; the same few are hung up many times."""
    rows = []
    for y in range(_HEIGHT):
        line = bytearray()
        across = [box for box in boxes if box[1] <= y < box[3]]
        for x in range(_WIDTH):
            line += bytes(next(box[4] for box in reversed(across) if box[0] <= x < box[2]))
        rows.append(b"\0" + bytes(line))
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"".join(rows))) + _chunk(b"IEND")
    )


def _chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
