"""The matrix's portal: its own database with one object of each kind, asked without ever changing it."""

import dataclasses
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import g
from flask import session as cookie
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts import guards, policy
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS
from portal.accounts.values import Identity, Role
from portal.app import PortalApp, create_app
from portal.audit.operations import record, record_and_seal
from portal.config import Settings
from portal.core import clock
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from portal.evidence.queries import requests
from portal.web.security import request_id
from portal.web.shell import Link, View
from tests.support.database import SECRET, database_for, settings_for
from tests.support.matrix import Matrix, Persona, build
from tests.support.services import Services
from tests.support.world import NOW

RAW_TOKEN = "0" * 40
SIX_HOURS = timedelta(hours=6)
# What is kept of a standing's questions about requests.
WORDED = ("_visible", "_one", "_locked")
ACCOUNT_MENU: Callable[[View], list[Link]] = View.menu.fget  # type: ignore[attr-defined]


class Consulted(dict[Permission, Mapping[Role, policy.Reach]]):
    """The policy's table, which notes what was looked up in it."""

    def __init__(self, table: Mapping[Permission, Mapping[Role, policy.Reach]]) -> None:
        super().__init__(table)
        self.noted = set[Permission]()
        self._noting = True

    def __getitem__(self, permission: Permission) -> Mapping[Role, policy.Reach]:
        if self._noting:
            self.noted.add(permission)
        return super().__getitem__(permission)

    def begin(self) -> None:
        """Forget what the last request looked up."""
        self.noted = set()

    def counting_each_time(self, build: Callable[[Identity], Any]) -> Callable[[Identity], Any]:
        """A question that is put into words once for each standing consults the table only then; here every time."""
        memory: dict[Identity, tuple[Any, set[Permission]]] = {}

        def known(identity: Identity) -> Any:
            if identity not in memory:
                noting, noted = self._noting, self.noted
                self._noting, self.noted = True, set()
                memory[identity] = build.__wrapped__(identity), self.noted  # type: ignore[attr-defined]
                self._noting, self.noted = noting, noted
            words, consulted = memory[identity]
            if self._noting:
                self.noted |= consulted
            return words

        return known

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What the shell asks is not the page's."""
        self._noting = False
        try:
            yield
        finally:
            self._noting = True


@dataclass
class Page:
    """What a page was seen to ask of the policy, and who has asked for it, as which of those at one place."""

    consulted: set[Permission] = field(default_factory=set)
    askers: list[tuple[object, frozenset[Role]]] = field(default_factory=list)

    def shown_to_one_like(self, near: object, roles: frozenset[Role]) -> bool:
        """Whether somebody asked from there whose roles carry all that the page looks at as far as these do: the page is
        theirs line by line, as no view or template looks at a role itself."""

        def carried(held: frozenset[Role]) -> list[set[policy.Reach]]:
            return [{GRANTS[one][role] for role in held if role in GRANTS[one]} for one in self.consulted]

        return any(near == there and carried(roles) == carried(held) for there, held in self.askers)


@dataclass
class MatrixPortal:
    """The application over the matrix, and what a browser of each persona would send."""

    app: PortalApp
    database: Database
    settings: Settings
    matrix: Matrix
    client: FlaskClient
    connection: Connection
    revealing: list[ModuleType] = field(default_factory=list)  # the modules that record and seal
    nothing: dict[str, Any] = field(default_factory=dict)  # each persona's answer for what does not exist
    settled: set[object] = field(default_factory=set)  # what need not be shown by another address again
    remembers: bool = False  # who asks, and their menu, are worked out once a persona
    memory: dict[object, Any] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    consulted: Consulted = field(default_factory=lambda: Consulted(GRANTS))
    worded: dict[str, Callable[[Identity], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worded = {name: self.consulted.counting_each_time(getattr(requests, name)) for name in WORDED}
        self.revealing = [
            module
            for name, module in sorted(sys.modules.items())
            if name.startswith("portal.") and getattr(module, "record_and_seal", None) is record_and_seal
        ]
        self.csrf = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(RAW_TOKEN))
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        self._cookies = {
            persona.key: serializer.dumps(
                {"sid": persona.token, "csrf_token": RAW_TOKEN} if persona.token else {"csrf_token": RAW_TOKEN}
            )
            for persona in self.matrix.personas
        }

    def ask(
        self,
        persona: Persona,
        method: str,
        url: str,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        *,
        keep: bool = False,
        look: Callable[[Connection], None] | None = None,
    ) -> TestResponse:
        """One request. What it commits is rolled back, so that everybody finds the world as it was made, unless it is to
        be part of the world; `look` sees what it left before that."""
        cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={self._cookies[persona.key]}; lang=en"
        with in_the_stories(self.revealing), self._remembering(), self.connection.begin() as whole:
            try:
                answer = self.client.open(
                    url, method=method, data=data, headers={"Cookie": cookie, **(headers or {})}, buffered=True
                )
                if look is not None:
                    look(self.connection)
                if keep:
                    whole.commit()
                return answer
            finally:
                if whole.is_active:
                    whole.rollback()

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Who asks and what their menu holds depend on no address, and this world never changes: each is worked out at a
        persona's first request. What the page itself asks of the policy is noted.
        """
        if not self.remembers:
            yield
            return
        self.consulted.begin()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(policy, "GRANTS", self.consulted)
            patch.setattr(guards, "_identify", self._identify(guards._identify))
            patch.setattr(View, "_sections", self._of_the_shell(View._sections))
            patch.setattr(View, "_links", self._of_the_shell(View._links))
            patch.setattr(View, "menu", property(self._menu))
            for name, build in self.worded.items():
                patch.setattr(requests, name, build)
            yield

    def _identify(self, identify: Callable[[Settings], Identity | None]) -> Callable[[Settings], Identity | None]:
        def known(settings: Settings) -> Identity | None:
            key = "who", cookie.get("sid")
            if key not in self.memory:
                with self.consulted.paused():
                    self.memory[key] = identify(settings), g.get("account_locale")
            identity, g.account_locale = self.memory[key]
            return dataclasses.replace(identity, request_id=request_id()) if identity else None

        return known

    def _of_the_shell(self, part: Callable[..., Any]) -> Callable[..., Any]:
        def known(view: View, what: Any) -> Any:
            # Of an error page the menu counts nothing; links differ by what they lead to.
            kind = getattr(what, "__name__", None) or tuple(endpoint for _, endpoint in what)
            key = part, cookie.get("sid"), kind
            if key not in self.memory:
                with self.consulted.paused():
                    self.memory[key] = part(view, what)
            return self.memory[key]

        return known

    def _menu(self, view: View) -> list[Link]:
        key = "menu", cookie.get("sid")
        if key not in self.memory:
            with self.consulted.paused():
                self.memory[key] = ACCOUNT_MENU(view)
        found: list[Link] = self.memory[key]
        return found

    def tokens(self) -> dict[str, str]:
        """What every form of the portal carries."""
        return {"csrf_token": self.csrf, "_key": secrets.token_urlsafe(18)}


@contextmanager
def in_the_stories(revealing: Sequence[ModuleType]) -> Iterator[None]:
    """Business time as the stories have it, six hours on; for the length of a request only, as others share the process.

    No sealer runs beside it: a reveal is recorded like any other read, and nothing waits for it.
    """
    clock.install_shift(_offset())
    patch = pytest.MonkeyPatch()
    for module in revealing:
        patch.setattr(module, "record_and_seal", record)
    try:
        yield
    finally:
        patch.undo()
        clock.install_shift("")


@contextmanager
def open_portal(
    services: Services,
    name: str,
    home: Path,
    *,
    broker: int,
    build: Callable[[Session], Matrix],
    remembers: bool = False,
) -> Iterator[MatrixPortal]:
    """The application over a database of its own; committed, so that the map role sees it, too."""
    services.clone_template(name)
    settings = settings_for(services, name, home, broker=broker)
    database = database_for(settings)
    try:
        with database.session(EVERYTHING) as session:
            matrix = build(session)
            session.commit()
        app = create_app(settings, database)
        app.testing = True
        with database.engine.connect() as connection:
            database.factory.configure(bind=connection, join_transaction_mode="create_savepoint")
            client = app.test_client(use_cookies=False)
            yield MatrixPortal(app, database, settings, matrix, client, connection, remembers=remembers)
    finally:
        clock.install_shift("")
        database.dispose()
        services.drop(name)


@pytest.fixture(scope="session")
def matrix_portal(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MatrixPortal]:
    """Everybody and everything of tests.support.matrix, built once a worker."""
    home = tmp_path_factory.mktemp("matrix")
    name = f"matrix_{worker_name}"
    with open_portal(services, name, home, broker=worker_number, build=build, remembers=True) as portal:
        yield portal


def _offset() -> str:
    """The shift that puts business time six hours after the stories."""
    seconds = int((NOW + SIX_HOURS - clock.real_now()).total_seconds())
    return f"{seconds:+d}s"
