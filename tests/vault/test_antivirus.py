"""A scanner that is configured and does not clearly say "clean" closes the door."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.core.errors import Unavailable
from portal.vault.antivirus import scan
from portal.vault.values import Refused

Clamd = Callable[[bytes], str]


class FakeClamd:
    """Speaks the server's side of INSTREAM once and keeps what it was sent."""

    def __init__(self, path: Path, answer: bytes, *, hang_up_early: bool = False) -> None:
        self.received = b""
        self._answer, self._early = answer, hang_up_early
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(1)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        link, _ = self._server.accept()
        with link, link.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\x00"
            while not self._early and (size := struct.unpack(">I", stream.read(4))[0]):
                self.received += stream.read(size)
            link.sendall(self._answer)

    def close(self) -> None:
        self.thread.join()
        self._server.close()


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., FakeClamd]]:
    made: list[FakeClamd] = []

    def run(answer: bytes, content: bytes = b"x" * 300_000, *, early: bool = False) -> FakeClamd:
        (tmp_path / "file").write_bytes(content)
        made.append(FakeClamd(tmp_path / "clamd.sock", answer, hang_up_early=early))
        scan(tmp_path / "file", address=str(tmp_path / "clamd.sock"))
        return made[-1]

    yield run
    for fake in made:
        fake.close()


def test_a_clean_file_passes_and_was_sent_whole(ask: Callable[..., FakeClamd]) -> None:
    fake = ask(b"stream: OK\x00", b"abc" * 100_000)
    fake.thread.join()
    assert fake.received == b"abc" * 100_000


def test_malware_is_refused_by_its_name(ask: Callable[..., FakeClamd]) -> None:
    with pytest.raises(Refused) as refused:
        ask(b"stream: Win.Test.EICAR_HDB-1 FOUND\x00")
    assert (refused.value.code, refused.value.data["name"]) == ("malware", "Win.Test.EICAR_HDB-1")


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\x00", b"", b"stream: OK but", b"UNKNOWN COMMAND\x00"]
)
def test_anything_else_is_not_clean(ask: Callable[..., FakeClamd], answer: bytes) -> None:
    with pytest.raises(Unavailable, match="scanner_unclear"):
        ask(answer)


def test_a_scanner_that_hangs_up_early_is_not_clean(ask: Callable[..., FakeClamd]) -> None:
    with pytest.raises(Unavailable):
        ask(b"INSTREAM size limit exceeded. ERROR\x00", b"x" * 5_000_000, early=True)


def test_a_scanner_that_is_down_closes_the_door(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for address in (str(tmp_path / "absent.sock"), "127.0.0.1:1"):
        with pytest.raises(Unavailable, match="scanner_down"):
            scan(tmp_path / "file", address=address)
