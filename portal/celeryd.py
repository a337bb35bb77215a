"""Celery entry: `celery -A portal.celeryd worker` or `… beat`. Importing it reads the settings."""

from portal.worker import create_worker

app = create_worker()
