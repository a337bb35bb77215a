"""The shared shell: pages, forms, languages, protections. It knows no feature."""

import contextlib

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from portal.config import Settings
from portal.web import errors, i18n, panels, security, shell, static_files


def init_app(app: Flask, settings: Settings) -> None:
    """Wire the shell into an application: protections first, so that nothing answers without them."""
    security.init_app(app, settings)
    i18n.init_app(app)
    shell.init_app(app, settings)
    panels.init_app(app)
    errors.init_app(app)
    static_files.init_app(app)
    _keep_compiled(app)


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiles each template once a machine, not once a process and application: most of a page's first answer.

    Jinja makes the directory under TMPDIR, for this user alone, and compares each source with what was compiled.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, if the disk takes it: whoever tidies TMPDIR must not break a page."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def _keep_compiled(app: Flask) -> None:
    # Nothing is folded into the code beforehand, so that it depends on its source only.
    app.jinja_env.optimized = False
    # A directory that is not ours: compile as without one.
    with contextlib.suppress(OSError, RuntimeError):
        app.jinja_env.bytecode_cache = CompiledTemplates()
