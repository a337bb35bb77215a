"""`portal up`: one portal on this machine, from an empty directory to a running city, until Ctrl-C."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from portal.launcher import processes
from portal.launcher.archive import Archive
from portal.launcher.broker import PrivateRedis
from portal.launcher.checks import InstanceLock, disk_has_room, port_is_free
from portal.launcher.cluster import PrivateCluster
from portal.launcher.environment import DATABASE, Environments
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout, write_json
from portal.launcher.processes import ROOT, python
from portal.launcher.revisions import newest_revision
from portal.launcher.speech import Refusal, tell
from portal.launcher.supervisor import NotReady, Stopped, Supervisor


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the command line asks for."""

    data: Path
    profile: str
    bind: str
    port: int
    demo: bool
    cameras: int | None
    reset: bool

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the portal."""
        host = "127.0.0.1" if self.bind in {"0.0.0.0", "::"} else self.bind  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


class Launch:
    """One run of the portal."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.layout = Layout(wishes.data.absolute())
        self.lock = InstanceLock(self.layout)

    def run(self) -> None:
        """Start everything, then keep it running until somebody asks to end."""
        wishes, layout = self.wishes, self.layout
        port_is_free(wishes.bind, wishes.port)
        disk_has_room(layout.root, first_start=not layout.postgres.exists())
        layout.make()
        self.lock.take(wishes.address)
        try:
            if wishes.reset:
                self._reset()
            self.supervisor = Supervisor(logs=layout.logs, pids=layout.pids)
            self.supervisor.listen_for_signals()
            try:
                self._start()
                self.supervisor.watch()
            except Stopped:
                tell("正在停止 …", "stopping …")
            finally:
                self.supervisor.stop_all()
            tell("已全部停止，数据已保存", "everything is stopped, the data is kept")
        finally:
            self.lock.release()

    # -- steps -----------------------------------------------------------------------------

    def _start(self) -> None:
        layout = self.layout
        fresh = self._prepare_first_start()
        keys = Keys(layout.keys)
        keys.make()
        self._start_foundation()
        self.environments = Environments(
            layout=layout,
            keys=keys,
            cluster=self.cluster,
            broker=self.broker,
            profile=self.wishes.profile,
            address=self.wishes.address,
        )
        write_json(layout.settings_note, {"profile": self.wishes.profile, "address": self.wishes.address})
        self._migrate()
        if fresh:
            self._load_city()
            layout.unfinished.unlink()
        self._start_portal()
        self._greet()

    def _prepare_first_start(self) -> bool:
        """Is the city still to be made? What an unfinished first start left is cleared away then.

        Nobody has used the portal before the first start is complete, so nothing of value can be lost here.
        """
        layout = self.layout
        if layout.unfinished.exists():
            if not self.wishes.reset:
                tell("上次首次启动未完成，重新开始", "the first start was cut short; starting over")
            self._clear(keep_cluster=True)
            return True
        if not (layout.postgres / "data" / "PG_VERSION").exists():
            layout.unfinished.touch()
            self._clear(keep_cluster=False)
            return True
        return False

    def _start_foundation(self) -> None:
        layout = self.layout
        self.cluster = PrivateCluster(
            layout.postgres / "data",
            layout.postgres / "socket",
            log_file=layout.logs / "postgres.log",
            settings=Archive(layout.backups).settings(),
        )
        if self.cluster.create():
            tell("已创建私有数据库", "private database cluster created")
        self.supervisor.start(processes.postgres(self.cluster), ready=self.cluster.answers)
        self.broker = PrivateRedis(layout.redis, layout.run / "redis", log_file=layout.logs / "redis.log")
        self.supervisor.start(processes.redis(self.broker), ready=self.broker.answers)

    def _migrate(self) -> None:
        if self.layout.unfinished.exists():
            self.cluster.drop_database(DATABASE)
        if not self.cluster.has_database(DATABASE):
            self.cluster.create_database(DATABASE)
        # Asking costs milliseconds, running the migrations for nothing costs seconds of every start.
        if self._schema() != newest_revision():
            tell("正在更新数据库结构", "bringing the schema up to date")
            self._command("migrate", "db", "upgrade")

    def _schema(self) -> str | None:
        link = self.cluster.connect(DATABASE)
        try:
            with link.cursor() as cursor:
                cursor.execute("select to_regclass('public.alembic_version') is not null")
                if cursor.fetchone() != (True,):
                    return None
                cursor.execute("select version_num from alembic_version")
                (revision,) = cursor.fetchone() or (None,)
                return str(revision)
        finally:
            link.close()

    def _load_city(self) -> None:
        if self.wishes.demo:
            tell("正在装入演示城市", "loading the demonstration city")
            extra = ["--cameras", str(self.wishes.cameras)] if self.wishes.cameras is not None else []
            self._command("demo-load", "demo", "load", *extra, quiet=False)
            write_json(self.layout.demo_note, {"cameras": self.wishes.cameras, "accounts": self._accounts()})

    def _accounts(self) -> list[dict[str, str]]:
        done = subprocess.run(
            python("portal", "demo", "accounts", "--json"),
            env=dict(self.environments.common()),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        found: list[dict[str, str]] = json.loads(done.stdout) if done.returncode == 0 else []
        return found

    def _command(self, name: str, *arguments: str, quiet: bool = True) -> None:
        """Run a portal command as the owner; its failure stops the start."""
        argv = python("portal", *arguments)
        self.supervisor.run_once(name, argv, self.environments.owner(), cwd=ROOT, quiet=quiet)

    def _start_portal(self) -> None:
        """The web server first and alone: people wait for it, nobody waits for the workers."""
        web = processes.web(self.environments, bind=self.wishes.bind, port=self.wishes.port)
        self.supervisor.start(web, ready=self.web_answers)
        for process in processes.background(self.environments, self.layout, demo=self.has_demo()):
            self.supervisor.start(process)

    def has_demo(self) -> bool:
        """Does this portal hold the demonstration city?"""
        return self.layout.demo_note.exists()

    def web_answers(self) -> bool:
        """Does /healthz answer?"""
        try:
            with urllib.request.urlopen(f"{self.wishes.address}/healthz", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    # -- the rest --------------------------------------------------------------------------

    def _reset(self) -> None:
        tell("正在清除全部数据", "removing all data")
        self.layout.unfinished.touch()
        self._clear(keep_cluster=False)

    def _clear(self, *, keep_cluster: bool) -> None:
        """Remove what a first start makes. Backups stay, and with them the keys that open them."""
        layout = self.layout
        doomed = [layout.redis, layout.files, layout.root / "witness", layout.demo_note]
        if not layout.backups.exists():
            doomed.append(layout.keys)
        if not keep_cluster:
            doomed.append(layout.postgres)
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        layout.make()

    def _greet(self) -> None:
        line = "─" * 60
        print(f"\n{line}\n  门户已就绪  The portal is ready:  {self.wishes.address}\n{line}", flush=True)
        if self.has_demo():
            self._show_accounts()
        else:
            command = f"{ROOT / '.venv/bin/python'} -m portal --of {self.layout.root} first-admins --help"
            print(
                f"\n  如尚无账号，请开立三名管理员  no accounts yet? open the three administrators':\n    {command}\n"
            )
        print("  按 Ctrl-C 停止  Ctrl-C stops it\n", flush=True)

    def _show_accounts(self) -> None:
        """One login a role; the note of the first start is read, so that no process has to start for it."""
        note = json.loads(self.layout.demo_note.read_text())
        # The first of each role: later entries are overwritten by earlier ones.
        chosen = list({account["role"]: account for account in reversed(note.get("accounts", []))}.values())[::-1]
        if not chosen:
            return
        print(f"\n  演示账号，口令均为 {chosen[0]['password']}")
        print(f"  Demonstration accounts, all with the password {chosen[0]['password']}\n")
        for account in chosen:
            print(f"    {account['login']:16}{account['name']}  {account.get('title_zh', '')}  {account['title']}")
        more = f"{ROOT / '.venv/bin/python'} -m portal --of {self.layout.root} demo accounts"
        print(f"\n  全部账号  all {len(note['accounts'])} of them: {more}\n", flush=True)


def up(wishes: Wishes) -> None:
    """Run a portal. Raises Refusal, with the reason in both languages, when that is impossible."""
    try:
        Launch(wishes).run()
    except NotReady as failure:
        raise Refusal(
            f"{failure.name} 未能启动，数据未受影响；日志在 {wishes.data / 'logs'}\n{failure.log}",
            f"{failure.name} did not start, the data is untouched; logs are in {wishes.data / 'logs'}",
        ) from failure
    except OSError as error:
        if error.errno != 28:
            raise
        raise Refusal(
            f"磁盘已满：{error.filename or wishes.data}，请释放空间后重新启动",
            f"the disk is full at {error.filename or wishes.data}; free some space and start again",
        ) from error
