"""Celery entry, and everything that runs by the clock, in one list."""

import importlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from celery import Celery

from portal.app import FEATURES, build_database
from portal.audit.queries.rollback import check_at_start
from portal.config import load_settings
from portal.core import clock, crash
from portal.core.outbox import TaskName
from portal.jobs import Runner, install_tasks, make_celery, waker

SCHEDULE: Mapping[TaskName, timedelta] = {
    TaskName.ACCOUNTS_EXPIRE_SESSIONS: timedelta(hours=1),
    TaskName.VAULT_SWEEP: timedelta(hours=1),
    TaskName.WEB_PURGE_IDEMPOTENCY: timedelta(hours=1),
    TaskName.AUDIT_VERIFY: timedelta(days=1),
    TaskName.REACH_RECONCILE: timedelta(minutes=1),
    TaskName.REACH_CYCLE: timedelta(seconds=10),
    TaskName.WORKFLOW_LAPSE: timedelta(minutes=10),
    TaskName.EVIDENCE_EXPIRE: timedelta(minutes=10),
    TaskName.EVIDENCE_REMIND: timedelta(hours=12),
    TaskName.EVIDENCE_SWEEP_UPLOADS: timedelta(minutes=30),
    TaskName.MAPS_FOLD: timedelta(seconds=10),
    TaskName.WEBHOOKS_TELL: timedelta(seconds=10),
    TaskName.WEBHOOKS_FORGET: timedelta(days=1),
    TaskName.REGISTRY_REMIND_DEADLINES: timedelta(hours=6),
    TaskName.REGISTRY_REMIND_EXPIRIES: timedelta(hours=12),
    TaskName.INSPECTION_REMIND: timedelta(hours=12),
    TaskName.CAMPAIGNS_REMIND: timedelta(hours=12),
    TaskName.REGISTRY_RECHECK_CAMERAS: timedelta(days=1),
    TaskName.REGISTRY_FOLD_COUNTS: timedelta(minutes=1),
    TaskName.REGISTRY_EXPIRE_FILES: timedelta(minutes=30),
    TaskName.REGISTRY_TIDY_IMPORTS: timedelta(days=1),
    TaskName.MANDATES_SETTLE: timedelta(minutes=10),
    TaskName.READINESS_NIGHT: timedelta(days=1),
    TaskName.MEASURES_PROPOSE: timedelta(hours=12),
    TaskName.CONNECTIONS_REMIND: timedelta(hours=12),
}


def create_worker() -> Celery:
    """The worker process: settings, database, every feature's jobs."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level)
    if settings.profile == "check":
        clock.install_shift(settings.clock)
        if settings.crash:
            crash.arm(settings.crash)
    database = build_database(settings)
    celery = make_celery(settings.redis_url)
    check_at_start(database)
    database.on_commit_wake = waker(celery)
    for feature in FEATURES:
        try:
            importlib.import_module(f"portal.{feature}.tasks")
        except ModuleNotFoundError as missing:
            if missing.name not in (f"portal.{feature}.tasks", f"portal.{feature}"):
                raise
    install_tasks(celery, Runner(database), SCHEDULE)
    return celery
