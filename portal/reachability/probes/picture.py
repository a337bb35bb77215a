"""How large a stream's picture is, read from its description: the sequence parameter set of H.264 or H.265.

A device may say of itself what it likes; a player is told by these bits what it will be sent. Whatever cannot be read is
not told: an odd description is no accusation, and nothing here ends a probe.
"""

import base64
import binascii
import re
from typing import Final

Pixels = tuple[int, int]

# No camera sends less, and a larger number than this is no picture but a mistake.
_LEAST: Final = 16
_MOST: Final = 16_384
_SET_LIMIT: Final = 1024
_MAPPED = re.compile(rb"^a=rtpmap:(\d{1,3})[ \t]+(H264|H265)/", re.IGNORECASE | re.MULTILINE)
_GIVEN = re.compile(rb"^a=fmtp:(\d{1,3})[ \t]+([^\r\n]{1,8000})", re.MULTILINE)
_PARAMETER: Final = {b"H264": "sprop-parameter-sets", b"H265": "sprop-sps"}
_AVC_SPS: Final = 7
_HEVC_SPS: Final = 33
# Profiles whose set tells its chroma format.
_HIGH: Final = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_CHROMA_420: Final = 1
_CHROMA_444: Final = 3
# Width and height of one unit of cropping, by chroma format.
_CROPS: Final = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}


class _Unreadable(Exception):
    """The set ends too early or says what cannot be."""


class _Bits:
    """Reads a parameter set bit by bit; asking past its end is an error, so no number in it makes us loop."""

    def __init__(self, data: bytes) -> None:
        # The bytes 0-0-3 stand for 0-0: a start code may not appear inside.
        plain = data.replace(b"\x00\x00\x03", b"\x00\x00")
        self._number = int.from_bytes(plain)
        self._left = len(plain) * 8

    def take(self, count: int) -> int:
        """The next bits as a number."""
        if count > self._left:
            raise _Unreadable
        self._left -= count
        return self._number >> self._left & (1 << count) - 1

    def golomb(self) -> int:
        """An unsigned number of Exp-Golomb coding."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise _Unreadable
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """A signed number of Exp-Golomb coding."""
        told = self.golomb()
        return (told + 1) // 2 if told % 2 else -(told // 2)


def picture_of(description: bytes) -> Pixels | None:
    """The size of the picture that a stream's description (SDP) announces; the largest where it names several."""
    codecs = {number: name.upper() for number, name in _MAPPED.findall(description)}
    sizes = []
    for number, given in _GIVEN.findall(description):
        codec = codecs.get(number)
        for part in _sets(given, codec) if codec else ():
            size = size_of(part, hevc=codec == b"H265")
            if size is not None:
                sizes.append(size)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _sets(given: bytes, codec: bytes) -> list[bytes]:
    wanted = _PARAMETER[codec]
    for one in given.decode("latin-1").split(";"):
        name, _, value = one.strip().partition("=")
        if name.lower() == wanted:
            return [found for text in value.split(",")[:8] if (found := _decoded(text))]
    return []


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)[:_SET_LIMIT]
    except (binascii.Error, ValueError):
        return b""


def size_of(unit: bytes, *, hevc: bool = False) -> Pixels | None:
    """Width and height out of one parameter set; None for another kind of set and for what cannot be read."""
    if len(unit) < 4 or (unit[0] >> 1 & 63 != _HEVC_SPS if hevc else unit[0] & 31 != _AVC_SPS):
        return None
    try:
        width, height = _hevc(_Bits(unit[2:])) if hevc else _avc(_Bits(unit[1:]))
    except _Unreadable:
        return None
    return sane(width, height)


def sane(width: object, height: object) -> Pixels | None:
    """A size that a camera can have, else none."""
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return (width, height) if min(width, height) >= _LEAST and max(width, height) <= _MOST else None


def _avc(bits: _Bits) -> Pixels:
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma = _high(bits) if profile in _HIGH else _CHROMA_420
    bits.golomb()
    _order(bits)
    bits.golomb()
    bits.take(1)
    width, rows = (bits.golomb() + 1) * 16, bits.golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    across, down = _CROPS[chroma]
    fields = 2 - frames_only
    left, right, top, bottom = [bits.golomb() for _ in range(4)] if bits.take(1) else (0, 0, 0, 0)
    return width - across * (left + right), rows * 16 * fields - down * fields * (top + bottom)


def _high(bits: _Bits) -> int:
    """What the larger profiles say before the size; the chroma format of it counts for cropping."""
    chroma = bits.golomb()
    separate = bits.take(1) if chroma == _CHROMA_444 else 0
    bits.golomb()
    bits.golomb()
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == _CHROMA_444 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if number < 6 else 64)
    if chroma not in _CROPS:
        raise _Unreadable
    return 0 if separate else chroma


def _skip_scaling(bits: _Bits, count: int) -> None:
    last, following = 8, 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order(bits: _Bits) -> None:
    """The order of pictures, told in one of three ways."""
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.golomb()):
            bits.signed()


def _hevc(bits: _Bits) -> Pixels:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1)
    bits.take(96)
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in present:
        bits.take(88 * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma not in _CROPS:
        raise _Unreadable
    separate = bits.take(1) if chroma == _CHROMA_444 else 0
    width, height = bits.golomb(), bits.golomb()
    across, down = _CROPS[0 if separate else chroma]
    left, right, top, bottom = [bits.golomb() for _ in range(4)] if bits.take(1) else (0, 0, 0, 0)
    return width - across * (left + right), height - down * (top + bottom)
