"""A portal to be hurt: its own database cluster, its own broker, every part kept running by the real supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from unittest import mock

from portal.accounts.values import Role
from portal.config import load_settings
from portal.core.clock import utcnow
from portal.core.crash import POINTS
from portal.core.db import Database, open_database
from portal.jobs import QUEUE_NAMES
from portal.launcher import processes
from portal.launcher.broker import PrivateRedis
from portal.launcher.cluster import PrivateCluster
from portal.launcher.environment import DATABASE, Environments
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout
from portal.launcher.proc import family, is_alive
from portal.launcher.processes import ROOT, python
from portal.launcher.schema import install_scope_key, upgrade
from portal.launcher.supervisor import Process, Supervisor
from portal.reachability.operations import reconcile_targets, start_rounds
from portal.registry import operations
from portal.registry.values import AccessParticulars, CameraParticulars
from tests.people import PASSWORD, World, make_world
from tests.support.live import free_port

PATIENCE = 120.0
FILERS, REGISTRARS = 3, 2
# In the range that may be probed; nothing listens there, so a probe is refused at once.
PROBED = ("127.99.7.1", "127.99.7.2", "127.99.7.3")


class Ground:
    """Everything of one portal, and the hands that kill parts of it."""

    def __init__(self, home: Path) -> None:
        self.layout = Layout(home / "portal")
        self.layout.make()
        self.keys = Keys(self.layout.keys)
        self.keys.make()
        self.orders = home / "crash"
        self.orders.mkdir()
        # The files survive a killed server even without fsync: only a power cut loses what the kernel holds.
        self.cluster = PrivateCluster(
            self.layout.postgres / "data", throw_away=True, settings={"synchronous_commit": "on"}
        )
        self.broker = PrivateRedis(self.layout.redis, self.layout.run / "redis", append_only=False)
        self.port = free_port()
        self.environments = Environments(
            layout=self.layout,
            keys=self.keys,
            cluster=self.cluster,
            broker=self.broker,
            profile="check",
            address=f"http://127.0.0.1:{self.port}",
        )
        self.supervisor = Supervisor(logs=self.layout.logs, pids=self.layout.pids)

    @cached_property
    def database(self) -> Database:
        """Our own door to it, as the application's role."""
        with mock.patch.dict(os.environ, self.environments.everything()):
            return open_database(load_settings(), pool_size=2)

    # -- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Everything up, with the web server answering."""
        self.cluster.create()
        self.supervisor.start(processes.postgres(self.cluster), ready=self.cluster.answers)
        self.supervisor.start(processes.redis(self.broker), ready=self.broker.answers)
        self.cluster.create_database(DATABASE)
        upgrade(self.cluster.url(DATABASE))
        install_scope_key(self.cluster.url(DATABASE), self.keys.scope.read_text().strip().encode())
        self.people = self._enter_people()
        armed = {"PORTAL_CRASH": f"@{self.orders}"}
        web = processes.web(self.environments, bind="127.0.0.1", port=self.port)
        beat = next(one for one in processes.workers(self.environments, self.layout) if one.name == "beat")
        worker = [*python("celery", "-A", "portal.celeryd", "worker", "--queues", ",".join(QUEUE_NAMES))]
        worker += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
        for process, environment in (
            (web, self.environments.common()),
            (Process(name="worker", argv=worker, cwd=ROOT), self.environments.common()),
            (beat, self.environments.common()),
            (processes.sealer(self.environments), self.environments.sealer()),
        ):
            self.supervisor.start(
                Process(
                    name=process.name,
                    argv=process.argv,
                    cwd=ROOT,
                    environment={**environment, **armed},
                    patience=0.0,  # in the end everything is thrown away
                )
            )

    def stop(self) -> None:
        """End everything."""
        if "database" in vars(self):
            self.database.dispose()
        self.supervisor.stop_all()

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Look after the processes until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}\n{self.tails()}"
            self.supervisor.pause()

    def tails(self) -> str:
        """The end of every log, for a failure."""
        ends = [f"--- {name}\n{self.supervisor.log_tail(name, 15)}" for name in ("web", "worker", "sealer")]
        ledger = self.layout.root.parent / "ledger.jsonl"
        told = ledger.read_text().splitlines() if ledger.exists() else []
        return "\n".join([*ends, "--- told", *told[-8:], *(line for line in told if '"refused"' in line)])

    def command(self, *arguments: str) -> str:
        """Run a portal command as the operator."""
        done = subprocess.run(
            python("portal", *arguments),
            env=dict(self.environments.everything()),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    # -- people ----------------------------------------------------------------------------

    def _enter_people(self) -> list[dict[str, object]]:
        with self.database.transaction() as session:
            world = make_world(session)
            people: list[dict[str, object]] = []
            for _ in range(FILERS):
                unit = world.unit()
                login = world.login_of(world.person(Role.UNIT_FILER, unit_id=unit.id))
                people.append({"role": "filer", "login": login, "password": PASSWORD, "unit": str(unit.id)})
            for half in range(REGISTRARS):
                login = world.login_of(world.person(Role.REGISTRAR))
                people.append({"role": "registrar", "login": login, "password": PASSWORD, "half": half})
            self._enter_probed(world)
        return people

    def _enter_probed(self, world: World) -> None:
        from tests.registry.test_filing import particulars

        unit = world.unit("机房")
        filer = world.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id)
        now = utcnow()
        system = operations.create_system(
            world.session, actor=filer, unit_id=unit.id, particulars=particulars(), now=now
        )
        for host in PROBED:
            values = CameraParticulars(name=host, lon=114.3924, lat=36.0976, azimuth=0)
            camera = operations.add_camera(world.session, actor=filer, system_id=system.id, particulars=values, now=now)
            access = AccessParticulars(host=host, rtsp_port=8554, onvif_port=8899)
            operations.set_access(world.session, actor=filer, camera_id=camera.id, access=access, now=now)
        world.session.flush()
        reconcile_targets(world.session, now=now)

    # -- hurting ---------------------------------------------------------------------------

    def pids(self, name: str) -> list[int]:
        """A part's processes now, the main one first."""
        mains = json.loads(self.layout.pids.read_text()).get(name, [])[:1] if self.layout.pids.exists() else []
        return [pid for pid in family(mains[0]) if is_alive(pid)] if mains else []

    def kill_main(self, name: str) -> None:
        """SIGKILL to a part's main process; wait until the supervisor has put another in its place."""
        self.wait_for(lambda: bool(self.pids(name)), f"{name} to run")
        killed = self.pids(name)[0]
        os.kill(killed, signal.SIGKILL)
        self.wait_for(lambda: self.pids(name)[:1] not in ([], [killed]), f"{name} to come back")

    def kill_child(self, name: str, pick: Callable[[list[int]], int]) -> None:
        """SIGKILL to one of a part's workers, in the middle of whatever it does."""
        self.wait_for(lambda: len(self.pids(name)) > 1, f"{name} to have workers")
        os.kill(pick(self.pids(name)[1:]), signal.SIGKILL)

    def lose_broker(self) -> None:
        """The broker dies and with it every wake-up that it held."""
        self.kill_main("redis")
        self.wait_for(self.broker.answers, "the broker")

    def lose_database(self) -> None:
        """The database server dies; it recovers from its log."""
        self.kill_main("postgres")
        self.wait_for(self.cluster.answers, "the database")

    def crash_at(self, point: str) -> None:
        """Whoever passes this point next dies there."""
        assert point in POINTS
        order = self.orders / point
        order.touch()
        if point == "audit.before_checkpoint":
            self.kill_main("sealer")  # a new one signs as soon as it has sealed something
        self.wait_for(lambda: not order.exists() or self._provoke(point), f"somebody to die at {point}")

    def _provoke(self, point: str) -> bool:
        """Rounds come by the clock; ask for one now."""
        if point == "reachability.after_claim":
            with self.database.transaction() as session:
                session.connection().exec_driver_sql(
                    "update device_status set recheck_at = now() where recheck_at > now()"
                )
                start_rounds(session, now=utcnow())
        return False


class Crowd:
    """The clients' process."""

    def __init__(self, ground: Ground, home: Path, seed: int) -> None:
        self.ledger_file, self.stop_file = home / "ledger.jsonl", home / "stop"
        people = home / "people.json"
        people.write_text(json.dumps(ground.people))
        argv = [sys.executable, "-m", "tests.durability.clients", f"http://127.0.0.1:{ground.port}"]
        argv += [str(people), str(self.ledger_file), str(self.stop_file), str(seed)]
        self.output = home / "clients.log"
        with self.output.open("wb") as log:
            self.process = subprocess.Popen(argv, cwd=ROOT, stdout=log, stderr=log)

    def told(self) -> list[dict[str, object]]:
        """The ledger so far."""
        return (
            [json.loads(line) for line in self.ledger_file.read_text().splitlines()]
            if self.ledger_file.exists()
            else []
        )

    def go_home(self, ground: Ground) -> list[dict[str, object]]:
        """Let everybody finish what they began; the whole ledger."""
        self.stop_file.touch()
        ground.wait_for(lambda: self.process.poll() is not None, "the clients to finish")
        return self.told()

    def end(self) -> None:
        """In any case."""
        self.process.kill()
        self.process.wait()
