"""The living style guide at /style: every pattern with sample records, in the demo and check profiles only.

It is how the look is checked: by eye, by axe, in print, at phone width, in both languages. Sample names are Chinese
data and stay Chinese; nothing here is read from the database.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from portal.web.security import accepts_upload
from portal.web.widgets import (
    Choice,
    Choices,
    CreditCode,
    DateText,
    FileUpload,
    LongText,
    MapPoint,
    MomentText,
    Phone,
    PortalForm,
    Radios,
    Text,
    Tick,
    WholeNumber,
)

PAGES = ("parts", "home", "list", "detail", "form", "public", "sign-in", "paper")


def _at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour - 8, minute, tzinfo=UTC)


class SampleForm(PortalForm):
    """One field of each kind."""

    unit = Text(_("Unit name"), max_length=100)
    uscc = CreditCode(_("Unified social credit code"), hint=_("18 characters, as on the licence or certificate"))
    sector = Choice(
        _("Sector"),
        choices=[("health", _("Health care")), ("school", _("Schools")), ("trade", _("Commercial premises"))],
    )
    phone = Phone(_("Contact telephone"))
    address = Text(
        _("Address"), max_length=200, hint=_("Down to the house number; check the point on the map after saving")
    )
    point = MapPoint(_("Position"), required=False, bounds=(113.6, 35.2, 115.0, 36.4))
    zones = Choices(
        _("Areas covered"),
        choices=[
            ("entrance", _("Entrances and exits")),
            ("aisle", _("Main passages")),
            ("parking", _("Parking")),
            ("crowd", _("Crowded areas")),
            ("edge", _("Perimeter")),
        ],
        hint=_("Cameras are prohibited in areas that concern other people's privacy."),
    )
    cameras = WholeNumber(_("Cameras"), low=1, high=100_000, suffix=_("cameras"))
    retention = WholeNumber(_("Recordings kept"), low=1, high=3650, suffix=_("days"))
    since = DateText(_("In use since"))
    link = Radios(_("Network"), choices=[("none", _("Not networked")), ("gb28181", "GB/T 28181"), ("onvif", "ONVIF")])
    plan = FileUpload(_("Camera layout plan"), extensions=("pdf", "jpg", "png"), hint=_("PDF, JPG or PNG, up to 20 MB"))
    seen = MomentText(_("Footage from"), required=False)
    note = LongText(_("Remarks"), required=False, max_length=500)
    truth = Tick(_("What is stated here is true; the unit answers for it"), required=True)


ROWS: tuple[Mapping[str, Any], ...] = tuple(
    {"name": name, "unit": unit, "district": district, "online": online, "filing": filing, "days": days, "at": at, "code": f"4105020000132{n:07}"}
    for n, (name, unit, district, online, filing, days, at) in enumerate(
        (
            ("1 号门诊楼大厅", "安阳市第一人民医院", "410502", "ok", "ok", 90, _at(11, 20, 18, 3)),
            ("南门出入口 1", "安阳市第一人民医院", "410502", "ok", "ok", 30, _at(11, 20, 13, 37)),
            ("地下车库 B2 电梯厅", "安阳万达广场商业管理有限公司", "410505", "bad", "ok", 30, _at(11, 20, 8, 5)),
            ("急诊通道", "安阳市中医院", "410503", "ok", "info", 30, _at(11, 20, 11, 5)),
            ("东侧围墙 3", "洹河花园小区业主委员会", "410502", "warn", "warn", 90, _at(11, 20, 9, 14)),
            ("住院部连廊", "安阳市第一人民医院", "410502", "ok", "ok", 30, _at(11, 20, 11, 2)),
            ("财务室外", "安阳汽车客运总站", "410503", "idle", "info", 90, None),
            ("停车场闸机", "汤阴县人民医院", "410523", "ok", "ok", 90, _at(11, 20, 12, 35)),
            ("食堂后门", "安阳市第五中学", "410502", "ok", "ok", 15, _at(11, 20, 17, 40)),
            ("周界西北角", "安阳市体育中心", "410506", "off", "off", 30, None),
            ("检票口 4", "安阳汽车客运总站", "410503", "ok", "ok", 90, _at(11, 20, 11, 31)),
            ("候车厅中部", "安阳汽车客运总站", "410503", "bad", "ok", 90, _at(11, 20, 17, 59)),
            ("柜台 2", "林州农村商业银行城东支行", "410581", "ok", "ok", 60, _at(11, 20, 11, 50)),
            ("金库通道", "林州农村商业银行城东支行", "410581", "ok", "idle", 30, _at(11, 20, 17, 19)),
            ("操场主席台", "滑县实验学校", "410526", "idle", "info", 30, None),
        )
    )
)  # fmt: skip


TREND = tuple(
    97.0 + offset / 10
    for offset in (
        1,
        3,
        0,
        -2,
        2,
        4,
        1,
        -1,
        -8,
        -12,
        -10,
        -3,
        0,
        3,
        2,
        5,
        4,
        1,
        -2,
        -1,
        2,
        3,
        0,
        -1,
        -4,
        -2,
        0,
        -1,
        -3,
        -6,
    )
)


def samples() -> dict[str, Any]:
    """What the sample pages show."""
    return {
        "today": date(2026, 11, 20),
        "rows": ROWS,
        "at": _at,
        "pages": PAGES,
        "digest": "9f2c5b7e41d0a86c3f9e1b47d2a60c85e7319f4ab8d6c2057e9b13f48a6d0c21",
        "trend": TREND,
    }


def show(page: str = "parts") -> ResponseReturnValue:
    """One sample page; the form answers a POST with its faults, as every form does."""
    if page not in PAGES:
        abort(404)
    form = SampleForm(
        data={
            "unit": "安阳市第一人民医院",
            "sector": "health",
            "zones": ["entrance", "aisle"],
            "link": "none",
            "cameras": 128,
        }
    )
    form.sector.data, status = form.sector.data or "health", 200
    if request.method == "POST":
        form = SampleForm()
        status = 200 if form.validate() else 422
    template = f"web/style/{page.replace('-', '_')}.html"
    return render_template(template, form=form, page=page, **samples()), status


def fault() -> ResponseReturnValue:
    """The error page, on purpose: `?status=503`."""
    abort(request.args.get("status", default=404, type=int))


def init_app(app: Flask) -> None:
    """Put the guide on the map. The app's own check for unguarded endpoints reads the reason."""
    bp = Blueprint("style", __name__)
    for view in (show, fault):
        view.__public__ = "shows samples only, in the demo and check profiles"  # type: ignore[attr-defined]
    view = accepts_upload(20 * 1024 * 1024)(show)
    bp.add_url_rule("/style", "show", view, methods=["GET", "POST"])
    bp.add_url_rule("/style/<page>", "show", view, methods=["GET", "POST"])
    bp.add_url_rule("/style/fault", "fault", fault)
    app.register_blueprint(bp)
