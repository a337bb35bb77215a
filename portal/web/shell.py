"""What every page shows around its content: bars, menu, language and colour switches, who is signed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from portal import __version__
from portal.config import Settings
from portal.core.clock import utcnow
from portal.web import i18n
from portal.web.links import url_with
from portal.web.navigation import SECTION_LABELS, NavItem, Section

PORTAL_NAME = _("Public Safety Video Registry")
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "lang": tuple(i18n.SHORT),
    "theme": ("auto", "light", "dark"),
    "density": ("normal", "compact"),
}
ONE_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who is signed in, as the top bar shows it."""

    name: str
    place: str = ""
    roles: Sequence[str] = ()
    key: str = ""  # tells two readers of one window apart; drafts typed by one are not shown to the other


@dataclass(frozen=True)
class Link:
    """A labelled address."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Lang:
    """One choice of the language switch."""

    code: str
    html: str
    name: str
    current: bool


@dataclass(frozen=True)
class ShownItem:
    """A line of the menu, resolved for this reader."""

    label: str
    url: str
    current: bool
    badge: str


@dataclass(frozen=True)
class ShownSection:
    """A group of the menu with the lines this reader may see."""

    label: str
    items: Sequence[ShownItem]


@dataclass
class Hooks:
    """What the packages above plug in. Endpoints that are not registered (yet) are left out of the page."""

    viewer: Callable[[], Viewer | None] = lambda: None
    allows: Callable[[str], bool] = lambda _permission: False
    opens: Callable[[str], bool] = lambda _endpoint: True
    todo_count: Callable[[], int] = lambda: 0
    keep_language: Callable[[str], None] = lambda _locale: None
    todo_endpoint: str = ""
    home_endpoint: str = ""
    sign_in_endpoint: str = ""
    sign_out_endpoint: str = ""
    search_endpoint: str = ""
    menu: list[tuple[LazyString, str]] = field(default_factory=list)
    foot: list[tuple[LazyString, str]] = field(default_factory=list)
    public: list[tuple[LazyString, str]] = field(default_factory=list)


def hooks_of(app: Flask) -> Hooks:
    """Where accounts, the home page and others plug themselves into the shell."""
    hooks = app.extensions.setdefault("portal.shell", Hooks())
    assert isinstance(hooks, Hooks)  # noqa: S101 - narrows the type of Flask's untyped registry
    return hooks


class View:
    """The shell of one page. Only what a template asks for is worked out: error pages must not query."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._hooks = hooks_of(app)
        self.organ_name = settings.organ_name
        self.version = __version__

    def _url(self, endpoint: str, arguments: Mapping[str, object] | None = None) -> str:
        known = endpoint in self._app.view_functions
        return url_for(endpoint, **dict[str, Any](arguments or {})) if known else ""

    def _links(self, pairs: Sequence[tuple[LazyString, str]]) -> list[Link]:
        found = [Link(str(label), self._url(endpoint), endpoint == request.endpoint) for label, endpoint in pairs]
        return [link for link in found if link.url]

    @property
    def portal_name(self) -> str:
        """The product's name in the reader's language."""
        return str(PORTAL_NAME)

    @property
    def now(self) -> datetime:
        """The moment of printing."""
        return utcnow()

    @property
    def html_lang(self) -> str:
        """The `lang` of the page; for Chinese it also picks the glyph forms."""
        return i18n.HTML_LANG[i18n.current_locale()]

    @property
    def langs(self) -> list[Lang]:
        """Both languages, each in its own name."""
        now = i18n.current_locale()
        return [Lang(i18n.short_code(one), i18n.HTML_LANG[one], i18n.OWN_NAME[one], one == now) for one in i18n.LOCALES]

    @property
    def other_lang(self) -> Lang:
        """The language the switch leads to."""
        return next(lang for lang in self.langs if not lang.current)

    @property
    def theme(self) -> str:
        """auto, light or dark."""
        return _chosen("theme")

    @property
    def density(self) -> str:
        """normal or compact rows."""
        return _chosen("density")

    @property
    def viewer(self) -> Viewer | None:
        """Who is signed in."""
        return self._hooks.viewer()

    @property
    def home_url(self) -> str:
        """Where the brand leads."""
        return self._url(self._hooks.home_endpoint) or "/"

    @property
    def search_url(self) -> str:
        """The search over the registry, for those signed in."""
        return self._url(self._hooks.search_endpoint) if self.viewer else ""

    @property
    def sign_in_url(self) -> str:
        """Where to sign in."""
        return self._url(self._hooks.sign_in_endpoint)

    @property
    def sign_out_url(self) -> str:
        """Where the sign-out form goes."""
        return self._url(self._hooks.sign_out_endpoint)

    @property
    def todo_url(self) -> str:
        """The queue of what waits for this person."""
        return self._url(self._hooks.todo_endpoint)

    @cached_property
    def todo_count(self) -> int:
        """How many things wait: the page says it more than once and asks once."""
        return self._hooks.todo_count()

    @property
    def menu(self) -> list[Link]:
        """Further lines of the account menu, those only that open to this reader."""
        return self._links([pair for pair in self._hooks.menu if self.opens(pair[1])])

    def opens(self, endpoint: str) -> bool:
        """Whether the page opens to this reader, for a tab or a link that leads to it."""
        return self._hooks.opens(endpoint)

    @property
    def foot(self) -> list[Link]:
        """Links in the footer."""
        return self._links(self._hooks.foot)

    @property
    def public_links(self) -> list[Link]:
        """The pages anyone may open."""
        return self._links(self._hooks.public)

    @property
    def sections(self) -> list[ShownSection]:
        """The menu: permitted lines only, empty groups left out."""
        return self._sections(self._shown)

    @property
    def still_sections(self) -> list[ShownSection]:
        """The menu of an error page: nothing is current and nothing counted, so that it asks nothing and tells nothing."""
        return self._sections(
            lambda item: ShownItem(str(item.label), self._url(item.endpoint, item.arguments), False, "")
        )

    def _sections(self, shown: Callable[[NavItem], ShownItem]) -> list[ShownSection]:
        items: list[NavItem] = self._app.extensions.get("portal.navigation", [])
        allowed = [
            item
            for item in sorted(items, key=lambda item: item.order)
            if item.endpoint in self._app.view_functions and self._hooks.allows(item.permission)
        ]
        groups = ((section, [item for item in allowed if item.section is section]) for section in Section)
        return [
            ShownSection(str(SECTION_LABELS[section]), [shown(item) for item in found])
            for section, found in groups
            if found
        ]

    def _shown(self, item: NavItem) -> ShownItem:
        waiting = item.badge() if item.badge else None
        badge = "" if not waiting else str(waiting) if waiting < 100 else "99+"
        current = item.is_current(g.get("nav_endpoint") or request.endpoint or "")
        return ShownItem(str(item.label), self._url(item.endpoint, item.arguments), current, badge)


def _chosen(switch: str) -> str:
    value = request.cookies.get(switch, "")
    return value if value in SWITCHES[switch] else SWITCHES[switch][0]


def remember(response: Response, switch: str, value: str, *, secure: bool) -> None:
    """Keep a choice in this browser. Accounts calls it with `lang` when somebody with a stored language signs in."""
    if value in SWITCHES[switch]:
        response.set_cookie(switch, value, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=secure)


def init_app(app: Flask, settings: Settings) -> None:
    """Answer the switches (`?lang=`, `?theme=`, `?density=` on any page) and give templates `shell()`."""
    secure = settings.base_url.startswith("https:")

    def switch() -> Response | None:
        """The switches are links and work without a session. They set this browser's cookies; who is signed in keeps
        the language in the account too, unless another site's link led here.
        """
        wanted = [name for name in SWITCHES if name in request.args]
        if request.method != "GET" or not wanted or request.path.startswith("/api/"):
            return None
        response = app.redirect(url_with(**dict.fromkeys(wanted)), 303)
        for name in wanted:
            remember(response, name, request.args[name], secure=secure)
        language = i18n.SHORT.get(request.args.get("lang", ""))
        if language and request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
            hooks_of(app).keep_language(language)
        return response

    def view() -> View:
        if "shell_view" not in g:
            g.shell_view = View(app, settings)
        found: View = g.shell_view
        return found

    app.before_request(switch)
    app.add_template_global(view, "shell")
    app.add_template_global(url_with)
