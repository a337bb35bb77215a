"""The smallest XLS that holds rows: one BIFF8 stream in an OLE2 container, since nothing installed writes them."""

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _label(row: int, column: int, text: str) -> bytes:
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def _number(row: int, column: int, value: float) -> bytes:
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def _stream(rows: Sequence[Sequence[object]]) -> bytes:
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    name = "Sheet1"
    sheet_head = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name.encode()
    start = len(_record(0x0809, bof)) + len(_record(0x0085, bound)) + len(_record(0x000A, b""))
    bound = struct.pack("<I", start) + bound[4:]
    width = max(map(len, rows))
    cells = b"".join(
        _number(r, c, float(cell)) if isinstance(cell, int | float) else _label(r, c, str(cell))
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
        if cell != ""
    )
    dimensions = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    return (
        _record(0x0809, bof)
        + _record(0x0085, bound)
        + _record(0x000A, b"")
        + _record(0x0809, sheet_head)
        + dimensions
        + cells
        + _record(0x000A, b"")
    )


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, _FREE, _FREE, child)
    return head + b"\0" * 36 + struct.pack("<IQ", first, size)


def xls(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    stream = _stream(rows)
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")  # small ones would go elsewhere
    count = len(stream) // _SECTOR
    fat = [_FAT, _END, *range(3, count + 2), _END]
    assert len(fat) <= _SECTOR // 4, "one sector of chains is enough for a test"
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    directory += b"\0" * (_SECTOR - len(directory))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack(f"<{_SECTOR // 4}I", *fat, *[_FREE] * (_SECTOR // 4 - len(fat)))
    return header + table + directory + stream
