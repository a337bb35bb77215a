"""WSGI entry: `gunicorn portal.wsgi:app`."""

from portal.app import serve

app = serve()
