"""Look at every page a role can reach through links, in both languages and at two widths, and say what is wrong.

    python dev/look.py --of var/portal --out /somewhere/outside/the/repository

Against a running portal with the demonstration city. Signs in as each demonstration account, follows every link (one
page for each address pattern; downloads are left out), and for each page: a picture of the whole page, axe, errors of
the console, sideways scrolling, buttons that wrap, keys nobody translated, and text in the other language. A page is
looked at once, as the first account that reaches it; `--every` looks as every account. The worst comes first; the exit
code is 1 when axe, the console, the width or the status of a page is at fault.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from babel.messages.pofile import read_po
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium-headless-shell"
WIDTHS = {1440: 900, 390: 844}
LANGUAGES = ("zh", "en")
# What fails the run; the rest is for the eye.
FAULTS = ("status", "axe", "console", "overflow")
ORDER = (*FAULTS, "untranslated", "raw key", "cut off", "wrapped", "other language", "dashes")
# Ways out and switches: nothing to look at behind them.
SKIP = re.compile(
    r"^/(sign-out|static|style|healthz|readyz|metrics)|\.(pdf|xlsx|csv|json|ics|png|jpg|svg|zip|geojson|jsonl|bin)$"
)
SWITCHES = {"lang", "theme", "density", "after", "before", "sort"}
# Names the Chinese trade writes in Latin letters; codes and identifiers carry digits and are told by that.
LATIN = re.compile(r"[A-Za-z]{3,}")
HAN = re.compile(r"[\u4e00-\u9fff]")
TRADE = re.compile(
    r"\b(?:WGS|GCJ|CGCS\d*|ONVIF|RTSP|HTTPS?|API|REST|OpenAPI|XLSX?|CSV|PDF|JPE?G|PNG|ZIP|GBK?|UTF|BOM|GeoJSON|JSON|"
    r"Excel|English|MAC|URL|SHA|HMAC|Ed25519|NTP|DNS|TLS|TCP|POE|SDK|GPS|NVR|DVR|SVAC|QPS|ICS|iCalendar|Webhook|"
    r"token|cron|curl|Bearer|Authorization|Idempotency|Key|FAT|SAT|IPv[46])\b",
    re.IGNORECASE,
)
RAW = re.compile(r"^[a-z]+(?:_[a-z0-9]+)+$|^[a-z]+\.[a-z_]+(?:\.[a-z_]+)*$")

SEE = """
() => {
  const own = document.documentElement.lang;
  const foreign = node => {
    const el = node.parentElement.closest('[lang]');
    return el && el !== document.documentElement && el.lang !== own;
  };
  const hidden = el => !el.checkVisibility({visibilityProperty: true});
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, el = node.parentElement, text = node.textContent.trim().replace(/\\s+/g, ' ');
    if (!text || el.closest('script, style, code, pre, kbd, .mono, .code, textarea') || foreign(node)) continue;
    if (el.tagName !== 'OPTION' && hidden(el)) continue;
    const place = el.closest('th, dt, label, button, .button, legend, nav, h1, h2, h3, summary, .tally, .status');
    texts.push([text, place ? place.tagName.toLowerCase() : '']);
  }
  for (const el of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (el.getAttribute(name) && !el.closest('code, svg')) texts.push([el.getAttribute(name).trim(), '@' + name]);
  const what = el => (el.innerText || el.value || el.getAttribute('aria-label') || el.outerHTML).trim().slice(0, 60);
  const shown = selector => [...document.querySelectorAll(selector)].filter(el => !hidden(el));
  const lines = el => { const tops = new Set();
    const walk = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) { if (walk.currentNode.parentElement.closest('.sr-only')) continue;
      const range = document.createRange(); range.selectNodeContents(walk.currentNode);
      for (const box of range.getClientRects()) if (box.width > 4) tops.add(Math.round(box.top / 10)); }
    return tops.size; };
  const wrapped = shown('.button, .tabs a, .status, .tag, button.primary').filter(el => lines(el) > 1).map(what);
  const cut = shown('main *').filter(el => !el.closest('.leaflet-container, .sr-only') && !el.matches('input, select') && el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 2
    && getComputedStyle(el).overflowX === 'hidden').map(what);
  const wide = shown('main .table-scroll').filter(el => el.scrollWidth > el.clientWidth + 1)
    .map(el => `${el.getAttribute('aria-label')} ${el.scrollWidth} > ${el.clientWidth}`);
  const dashes = [];
  for (const table of shown('main table')) {
    const rows = [...table.tBodies].flatMap(body => [...body.rows]).filter(row => row.cells.length > 1);
    if (rows.length < 3) continue;
    for (let at = 0; at < rows[0].cells.length; at++)
      if (rows.every(row => row.cells[at] && row.cells[at].innerText.trim() === '—'))
        dashes.push('column ' + (table.tHead?.rows[0]?.cells[at]?.innerText.trim() || at));
  }
  for (const list of shown('main dl')) {
    const values = [...list.querySelectorAll('dd')];
    const none = values.filter(dd => dd.innerText.trim() === '—').length;
    if (none > 3 && none > values.length / 2) dashes.push(`${none} of ${values.length} facts`);
  }
  const end = document.documentElement;
  const beyond = end.scrollWidth > innerWidth ? [`${end.scrollWidth} > ${innerWidth}: ` + shown('body *')
    .filter(el => el.getBoundingClientRect().right > innerWidth + 1).slice(-2).map(el => el.outerHTML.slice(0, 90)).join(' | ')] : [];
  const links = [...document.querySelectorAll('a[href]:not([download])')].map(a => a.href);
  return {texts, wrapped, cut, wide, dashes, beyond, links, title: document.title};
}
"""
RUN_AXE = """
async () => (await axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
})).violations.map(v => `${v.id} ×${v.nodes.length}: ${v.help}: ` + v.nodes.slice(0, 2).map(n => n.html.slice(0, 140)).join(' | '))
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody to sign in as; no login is a citizen."""

    login: str
    password: str


@dataclass(kw_only=True)
class Seen:
    """One page in one language at one width, and what is wrong with it by kind."""

    login: str
    path: str
    language: str
    width: int
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def weight(self) -> int:
        """How bad: any fault outweighs all notes."""
        return sum((100 if kind in FAULTS else 1) * len(found) for kind, found in self.wrong.items())


class Catalogue:
    """What every message is in both languages, so that one left in the wrong language is certain."""

    def __init__(self) -> None:
        self.english: set[str] = set()
        self.chinese: set[str] = set()
        for path in ROOT.glob("portal/*/translations/zh_Hans_CN/LC_MESSAGES/messages.po"):
            with path.open("rb") as file:
                for message in read_po(file):
                    self._keep(message.id, message.string)
        self.english -= self.chinese

    def _keep(self, source: Any, target: Any) -> None:
        if isinstance(source, str) and isinstance(target, str) and source and target and source != target:
            self.english.add(source)
            if HAN.search(target):
                self.chinese.add(target)

    def judge(self, texts: Iterable[tuple[str, str]], language: str) -> Iterator[tuple[str, str]]:
        """(kind, text) of each text in the wrong language: `untranslated` is certain, `other language` may be data."""
        left = self.english if language == "zh" else self.chinese
        for text, place in texts:
            where = f" ({place})" if place else ""
            if RAW.match(text):
                yield "raw key", text + where
            elif text in left and (language == "en" or is_foreign(text, place, language)):
                yield "untranslated", text + where
            elif is_foreign(text, place, language):
                yield "other language", text[:80] + where


def is_foreign(text: str, place: str, language: str) -> bool:
    """Are there words of the other language? In English only where names of people and places do not stand."""
    if language == "en":
        return bool(HAN.search(text)) and place not in {"", "h1", "nav", "summary"}
    return bool(LATIN.search(TRADE.sub("", re.sub(r"\S*[\d@/]\S*", "", text))))


def listen(page: Page) -> tuple[list[str], dict[str, Any]]:
    """All that a page complains of from now on, and what listens for it."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            errors.append(message.text[:300])

    def thrown(error: Error) -> None:
        errors.append(f"thrown: {error.message[:300]}")

    def answered(response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            errors.append(f"{response.status} {response.request.method} {urlsplit(response.url).path}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what was still under way when the page before was left
            errors.append(f"{request.failure} {urlsplit(request.url).path}")

    listeners = {"console": note, "pageerror": thrown, "response": answered, "requestfailed": failed}
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    return errors, listeners


def pattern(url: str) -> str:
    """The address without what differs from one row to the next; the names of a query stay."""
    parts = urlsplit(url)
    path = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/*", parts.path)
    path = "/".join("*" if re.search(r"\d{3}|[A-Z]{2}|^\d+$", piece) else piece for piece in path.split("/"))
    names = sorted({name for name, _ in parse_qsl(parts.query)} - SWITCHES)
    return path + ("?" + "&".join(names) if names else "")


class Portal:
    """A running portal, a browser, and what has been seen of it."""

    def __init__(self, browser: Browser, args: argparse.Namespace) -> None:
        self._browser, self._args = browser, args
        self._base = args.base.rstrip("/")
        self._catalogue = Catalogue()
        self._axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
        self._known: set[str] = set()
        self.seen: list[Seen] = []

    def look_as(self, account: Account) -> None:
        """Follow the links as one account and look at what is new."""
        context = self._browser.new_context(
            base_url=self._base, viewport={"width": 1440, "height": 900}, locale="zh-CN",
            timezone_id="Asia/Shanghai", reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        if account.login:
            self._sign_in(page, account)
        new = self._reach(context, account)
        for language in self._args.language or LANGUAGES:
            context.add_cookies([{"name": "lang", "value": "zh-CN" if language == "zh" else "en", "url": self._base}])
            for path in new:
                self._look(page, account, path, language)
        context.close()

    def _sign_in(self, page: Page, account: Account) -> None:
        page.goto("/sign-in")
        page.fill("input[name=login]", account.login)
        page.fill("input[name=password]", account.password)
        page.locator("main button.primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def _reach(self, context: BrowserContext, account: Account) -> list[str]:
        """Addresses of pages nobody has looked at yet, one a pattern. A bare list and one filter of it are enough."""
        waiting, mine, found = ["/" if account.login else "/sign-in"], set[str](), []
        variants: dict[str, int] = defaultdict(int)
        for path in waiting:
            form = pattern(path)
            bare = form.split("?")[0]
            if form in mine or SKIP.search(bare) or ("?" in form and variants[bare] >= self._args.variants):
                continue
            mine.add(form)
            variants[bare] += "?" in form
            answer = context.request.get(path, max_redirects=3)
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            if (form not in self._known or self._args.every) and re.search(self._args.only, path):
                found.append(path)
            self._known.add(form)
            waiting.extend(self._links(answer.text(), answer.url))
        return found

    def _links(self, html: str, url: str) -> Iterator[str]:
        for href in re.findall(r'<a\b(?![^>]*\bdownload)[^>]*?\bhref="([^"#]+)', html):
            parts = urlsplit(urljoin(url, href.replace("&amp;", "&")))
            if f"{parts.scheme}://{parts.netloc}" == self._base:
                kept = "&".join(p for p in parts.query.split("&") if p.split("=")[0] not in SWITCHES)
                yield parts.path + (f"?{kept}" if kept else "")

    def _look(self, page: Page, account: Account, path: str, language: str) -> None:
        errors, listeners = listen(page)
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(path, wait_until="load")
        page.wait_for_timeout(250)
        page.evaluate(self._axe)
        for width in self._args.width or WIDTHS:
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            # As high as the page: a bar that sticks to the window's foot covers nothing that way.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(WIDTHS[width], min(height, 8000))})
            page.wait_for_timeout(80)
            seen = Seen(login=account.login or "-", path=path, language=language, width=width)
            if answer is None or answer.status != 200:
                seen.wrong["status"].append(str(answer.status if answer else "no answer"))
            seen.wrong["console"].extend(errors)
            self._judge(page, seen)
            self._keep(seen)
            page.screenshot(path=self._args.out / f"{self._name(seen)}.png", full_page=True)
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def _judge(self, page: Page, seen: Seen) -> None:
        facts = page.evaluate(SEE)
        seen.wrong["axe"].extend(page.evaluate(RUN_AXE))
        seen.wrong["overflow"].extend(facts["beyond"])
        if seen.width == 390:
            seen.wrong["cut off"].extend(f"table {text}" for text in facts["wide"])
        seen.wrong["cut off"].extend(facts["cut"])
        seen.wrong["wrapped"].extend(facts["wrapped"])
        if seen.width == 1440:  # what is written does not hang on the width
            seen.wrong["dashes"].extend(facts["dashes"])
            for kind, text in self._catalogue.judge(facts["texts"], seen.language):
                if text not in seen.wrong[kind]:
                    seen.wrong[kind].append(text)

    def _keep(self, seen: Seen) -> None:
        self.seen.append(seen)
        if self._args.verbose:
            print(seen.login, seen.path, seen.language, seen.width, seen.weight, flush=True)

    @staticmethod
    def _name(seen: Seen) -> str:
        plain = re.sub(r"\W+", "_", pattern(seen.path).replace("*", "id")).strip("_") or "home"
        return f"{plain[:80]}-{seen.login}-{seen.language}-{seen.width}"


def report(seen: list[Seen], notes: bool) -> int:
    """Print what was found, the worst page first; what stands on many pages once. The number of pages at fault."""
    where: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in seen:
        for kind, found in one.wrong.items():
            for text in found:
                where[kind, text].append(one)
    for kind in ORDER:
        if kind not in FAULTS and not notes:
            continue
        rows = sorted(((text, pages) for (k, text), pages in where.items() if k == kind), key=lambda row: -len(row[1]))
        if rows:
            print(f"\n== {kind}: {len(rows)}")
        for text, pages in rows:
            first = pages[0]
            print(f"{len(pages):4} {first.login} {first.language} {first.width} {first.path}\n       {text}")
    worst = sorted((one for one in seen if one.weight >= 100), key=lambda one: -one.weight)
    print(f"\n{len(seen)} views of {len({one.path for one in seen})} pages; {len(worst)} at fault")
    for one in worst[:40]:
        kinds = ", ".join(f"{kind} {len(found)}" for kind, found in one.wrong.items() if found and kind in FAULTS)
        print(f"  {one.login} {one.language} {one.width} {one.path}: {kinds}")
    return len(worst)


def arguments() -> argparse.Namespace:
    """What to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", type=Path, default=ROOT / "var" / "portal", help="directory of the running portal")
    parser.add_argument("--base", default="http://127.0.0.1:8000", help="where it answers")
    parser.add_argument("--out", type=Path, required=True, help="where the pictures go; not inside the repository")
    parser.add_argument("--login", action="append", help="only this account (repeat; '-' is a citizen)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only addresses in which this is found")
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--width", action="append", type=int, choices=tuple(WIDTHS))
    parser.add_argument("--variants", type=int, default=1, help="how many filters of each list (default 1)")
    parser.add_argument("--every", action="store_true", help="each page as every account that reaches it")
    parser.add_argument("--faults", action="store_true", help="leave the notes out of the report")
    parser.add_argument("--verbose", action="store_true", help="name each page while it is looked at")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.out.resolve().is_relative_to(ROOT) and not args.out.resolve().is_relative_to(ROOT / "var"):
        parser.error("--out must be outside the repository or under var/")
    return args


def accounts(args: argparse.Namespace) -> list[Account]:
    """The first account of each role, the small shop's, and a citizen; or who was asked for."""
    rows = json.loads((args.of / "demo.json").read_text())["accounts"]
    first = {row["role"]: row["login"] for row in reversed(rows)}
    wanted = args.login or [*first.values(), "shopkeeper", "-"]
    people = [Account(login=row["login"], password=row["password"]) for row in rows if row["login"] in wanted]
    return people + [Account(login="", password="")] * ("-" in wanted)


def main() -> int:
    """Look as each account in turn."""
    args = arguments()
    people = accounts(args)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        portal = Portal(browser, args)
        for one in people:
            portal.look_as(one)
        browser.close()
    return 1 if report(portal.seen, not args.faults) else 0


if __name__ == "__main__":
    sys.exit(main())
