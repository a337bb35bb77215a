"""WSGI entry: `gunicorn portal.wsgi:app`."""

import gc

# What is imported stays to the end: looking through it for cycles again and again is an eighth of the start. Frozen, it
# is not touched after the fork either, and the web workers go on sharing its memory.
gc.disable()

from portal.app import serve  # noqa: E402

app = serve()
gc.freeze()
gc.enable()
