"""The demonstration city, loaded once a run as on a first start: whoever wants it takes a copy, database and files."""

import fcntl
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pytest

from portal.config import Settings
from portal.core.clock import utcnow
from tests.support.database import environment_of, settings_for
from tests.support.services import Services

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "city_as_loaded"
CAMERAS, SEED = 1_500, 1
CATALOGUE = """
select indexdef from pg_indexes where schemaname = 'public' union all
select concat(conrelid::regclass, ' ', conname, ' ', convalidated, ' ', pg_get_constraintdef(oid)) from pg_constraint
where connamespace = 'public'::regnamespace union all
select concat(tgrelid::regclass, ' ', tgname, ' ', tgenabled) from pg_trigger where not tgisinternal order by 1
"""


@dataclass(frozen=True, kw_only=True)
class LoadedCity:
    """Where the untouched city lies, when it was loaded, and the schema's parts before and after."""

    home: str
    at: str
    before: list[str]
    after: list[str]

    @property
    def now(self) -> datetime:
        """The moment of the load."""
        return datetime.fromisoformat(self.at)

    def copy(self, services: Services, name: str, home: Path, *, broker: int) -> Settings:
        """A city of one's own, with the keys that open what is sealed in it."""
        services.copy(DATABASE, name)
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        return settings_for(services, name, home, broker=broker)


@pytest.fixture(scope="session")
def loaded_city(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> LoadedCity:
    """Loaded by the worker that asks first; the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_name == "main" else own.parent
    note = shared / "city.json"
    with (shared / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_text(json.dumps(asdict(_load(services, shared / "city", worker_number))))
    return LoadedCity(**json.loads(note.read_text()))


def _load(services: Services, home: Path, broker: int) -> LoadedCity:
    services.clone_template(DATABASE)
    home.mkdir()
    settings = settings_for(services, DATABASE, home, broker=broker)
    before, at = _catalogue(services), utcnow()
    argv = [sys.executable, "-m", "portal", "demo", "load", "--cameras", str(CAMERAS), "--seed", str(SEED)]
    done = subprocess.run(argv, env=environment_of(settings), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return LoadedCity(home=str(home), at=at.isoformat(), before=before, after=_catalogue(services))


def _catalogue(services: Services) -> list[str]:
    link = services.connect(DATABASE)
    with link.cursor() as cursor:
        cursor.execute(CATALOGUE)
        found = [str(row) for (row,) in cursor.fetchall()]
    link.close()
    return found
