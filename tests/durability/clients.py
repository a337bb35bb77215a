"""People at their browsers, in a process of their own: they fill in forms and press the button again until it works.

    python -m tests.durability.clients URL PEOPLE.json LEDGER STOP-FILE SEED

Every answer that told somebody "done" is one line of the ledger. A refusal of something that is allowed is a line too:
after a lost answer the repeated request must be told of the success, not that the thing exists already. When the stop
file appears everybody finishes the request they are at, so that afterwards the ledger and the database must agree to the row.
"""

import io
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import lxml.html
import pikepdf
import requests

PATIENCE = 120.0
SLOTS = ("authorisation_letter", "handler_identity")
SHEET_ROWS = 3


class Refused(Exception):
    """The portal said no to something that must be possible."""


class EndOfDay(Exception):
    """The stop file stands: nothing new is begun."""


class Ledger:
    """One line for each thing somebody was told."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._lock = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        with self._lock:
            self._file.write(json.dumps({"what": what, **facts}, ensure_ascii=False) + "\n")
            self._file.flush()


@dataclass
class Browser:
    """One person's browser: cookies, forms filled in from the page, the same request again when no answer comes."""

    url: str
    rng: Random
    stop: Path
    cookies: dict[str, str] = field(default_factory=dict)
    repeats: int = 0

    def ask(self, method: str, path: str, **body: Any) -> requests.Response:
        """Try until there is an answer that is not a server's fault."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = requests.request(
                    method, self.url + path, cookies=self.cookies, timeout=30, allow_redirects=False, **body
                )
                if answer.status_code < 500:
                    self.cookies |= answer.cookies.get_dict()
                    return answer
                trouble = str(answer.status_code)
            except requests.RequestException as lost:
                trouble = type(lost).__name__
            if time.monotonic() > deadline:
                raise Refused(f"{method} {path}: no answer for {PATIENCE:.0f} s, last {trouble}")
            self.repeats += 1
            time.sleep(self.rng.uniform(0.05, 0.3))

    def page(self, path: str) -> str:
        """A page, whole."""
        answer = self.ask("GET", path)
        if answer.status_code != 200:
            raise Refused(f"GET {path}: {answer.status_code} {answer.headers.get('Location', '')}")
        return answer.text

    def submit(self, path: str, action: str, values: dict[str, str], file: tuple[str, bytes] | None = None) -> str:
        """Fill in the form of a page and press the button, at times twice; where the portal then leads."""
        if self.stop.exists():
            raise EndOfDay
        form = next(one for one in lxml.html.fromstring(self.page(path)).forms if (one.action or path).endswith(action))
        fields = dict(form.form_values()) | values
        fields.pop("preview_first", None)  # a sheet is loaded at once; looking at it first is another story
        # Read into memory: a repeated request must send the same bytes again.
        body = {"data": fields, "files": {"file": file} if file else None}
        target = form.action or path
        answers = self._twice(target, body) if self.rng.random() < 0.2 else [self.ask("POST", target, **body)]
        for answer in answers:
            if answer.status_code != 303:
                told = [
                    part.text_content() for part in lxml.html.fromstring(answer.text).xpath("//*[@role='alert'] | //h1")
                ]
                raise Refused(f"POST {target}: {answer.status_code} {' '.join(' '.join(told).split())}")
        places = {answer.headers["Location"] for answer in answers}
        if len(places) > 1:
            raise Refused(f"POST {target}: one press, two results: {sorted(places)}")
        return places.pop()

    def _twice(self, path: str, body: dict[str, Any]) -> list[requests.Response]:
        """An impatient double click: the same request twice at the same time."""
        other = Browser(self.url, Random(self.rng.random()), self.stop, dict(self.cookies))
        found: list[requests.Response] = []
        second = threading.Thread(target=lambda: found.append(other.ask("POST", path, **body)))
        second.start()
        found.append(self.ask("POST", path, **body))
        second.join()
        self.repeats += other.repeats
        return found

    def sign_in(self, login: str, password: str) -> None:
        """Through the sheet, like everybody."""
        self.submit("/sign-in", "/sign-in", {"login": login, "password": password})


def paper(title: str) -> bytes:
    """A small PDF unlike any other."""
    pdf, out = pikepdf.Pdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.docinfo["/Title"] = title
    pdf.save(out)
    return out.getvalue()


def sheet(name: str, rng: Random) -> bytes:
    """Some cameras as a unit would send them."""
    rows = [f"{name}-{row},{114.38 + rng.random() / 100:.6f},36.09,枪机" for row in range(SHEET_ROWS)]
    return "\n".join(["设备名称,经度,纬度,摄像机类型", *rows]).encode("gb18030")


def last_part(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[-1]


def file_systems(browser: Browser, person: dict[str, str], ledger: Ledger) -> None:
    """A unit's filer: one system after another, from entering it to handing its filing in."""
    number = 0
    while True:
        number += 1
        name = f"{person['login']}-{number}"
        values = {
            "name": name, "kind": "unit_internal", "regime": "a7_2", "district": "410502", "address": "文峰大道1号",
            "in_use_on": "2026-11-02", "retention_days": "90", "storage_kind": "nvr", "investor": "校方",
            "builder": "校方", "user": "校方", "manager": "校方",
        }  # fmt: skip
        place = f"/units/{person['unit']}/systems/new"
        system = last_part(browser.submit(place, place, values))
        ledger.write("system", id=system, name=name)
        for slot in SLOTS:
            title = f"{name} {slot}"
            where = f"/systems/{system}/documents/new"
            browser.submit(where, where, {"slot": slot, "title": title}, ("paper.pdf", paper(title)))
            ledger.write("document", system=system, slot=slot, title=title)
        where = f"/systems/{system}/cameras/new"
        camera = {"name": name, "lon": "114.3924", "lat": "36.0976", "datum": "wgs84", "camera_type": "fixed_bullet"}
        camera |= {"point_type": "1"}
        ledger.write("camera", system=system, id=last_part(browser.submit(where, where, camera)))
        if browser.rng.random() < 0.6:
            where = f"/systems/{system}/imports/new"
            run = browser.submit(where, where, {"datum": "wgs84"}, ("sheet.csv", sheet(name, browser.rng)))
            ledger.write("import", system=system, id=last_part(run), rows=SHEET_ROWS)
        filing = browser.submit(f"/systems/{system}", "/filings", {"kind": "new"})
        ledger.write("opened", system=system, id=last_part(filing))
        browser.submit(filing, "/submit", {"declared_by": "李建国", "truth": "y"})
        ledger.write("submitted", id=last_part(filing))


def decide_filings(browser: Browser, person: dict[str, Any], ledger: Ledger) -> None:
    """A registrar: accepts and returns what is submitted; of two, each takes the half that is theirs."""
    seen: set[str] = set()
    while not browser.stop.exists():
        listed = re.findall(r'href="/filings/([0-9a-f-]{36})"', browser.page("/filings?status=submitted"))
        mine = [one for one in dict.fromkeys(listed) if int(one[-1], 16) % 2 == person["half"] and one not in seen]
        for filing in mine:
            seen.add(filing)
            if browser.rng.random() < 0.5:
                browser.submit(f"/filings/{filing}", "/accept", {})
                ledger.write("accepted", id=filing)
            else:
                browser.submit(f"/filings/{filing}", "/return", {"reason": "补充材料"})
                ledger.write("returned", id=filing)
        time.sleep(0.2)


def live(url: str, person: dict[str, Any], ledger: Ledger, stop: Path, rng: Random) -> None:
    """One person's day."""
    browser = Browser(url, rng, stop)
    try:
        browser.sign_in(person["login"], person["password"])
        (file_systems if person["role"] == "filer" else decide_filings)(browser, person, ledger)
    except EndOfDay:
        pass
    except Exception as refusal:
        ledger.write("refused", who=person["login"], why=f"{type(refusal).__name__}: {refusal}")
    ledger.write("went_home", who=person["login"], repeats=browser.repeats)


def main() -> None:
    url, people, ledger_path, stop, seed = sys.argv[1:]
    ledger, master = Ledger(Path(ledger_path)), Random(seed)
    threads = [
        threading.Thread(target=live, args=(url, person, ledger, Path(stop), Random(master.random())))
        for person in json.loads(Path(people).read_text())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
