"""Celery entry: `celery -A portal.celeryd worker` or `… beat`. Importing it reads the settings."""

import gc

# What is imported stays to the end: looking through it for cycles again and again is an eighth of the start.
gc.disable()

from portal.worker import create_worker  # noqa: E402

app = create_worker()
gc.freeze()
gc.enable()
