"""Static files: hashed addresses that may be cached for ever, served before Flask is reached (whitenoise)."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

STATIC_DIR = Path(__file__).parent / "static"
PREFIX = "/static/"
ONE_YEAR = 365 * 24 * 3600


def digest_of(path: Path) -> str:
    """The part of the address that changes with the content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


class HashedFiles(WhiteNoise):
    """Each file under its plain name (briefly cached) and under `name.<hash>.ext` (for ever).

    Aliases instead of copies: nothing is written at start, and relative addresses inside a sheet still work.
    """

    def __init__(self, application: Callable[..., object], *, folder: Path) -> None:
        super().__init__(application, max_age=60, allow_all_origins=False, add_headers_function=_harden)
        self.hashed: dict[str, str] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                self._publish(path, path.relative_to(folder).as_posix())

    def _publish(self, path: Path, name: str) -> None:
        hashed = f"{PREFIX}{name.removesuffix(path.suffix)}.{digest_of(path)}{path.suffix}"
        self.hashed[name] = hashed
        self.add_file_to_dictionary(PREFIX + name, str(path))  # type: ignore[no-untyped-call]
        self.add_file_to_dictionary(hashed, str(path))  # type: ignore[no-untyped-call]

    def immutable_file_test(self, _path: str, url: str) -> bool:
        """Only the hashed address promises never to change."""
        return url in self.hashed.values()


def _harden(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_app(app: Flask, folder: Path = STATIC_DIR) -> None:
    """Serve `folder` and teach templates `static_url('css/x.css')`."""
    files = HashedFiles(app.wsgi_app, folder=folder)
    app.wsgi_app = files  # type: ignore[method-assign]

    def static_url(name: str) -> str:
        # A missing file keeps its plain address: the page then fails visibly in the browser's console and in tests.
        return files.hashed.get(name, PREFIX + name)

    app.add_template_global(static_url)
