"""Draws that anybody can make again: commitment, population, public number, seed, sample, and the program for it."""

import json
from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import public_endpoint
from portal.measures.labels import DRAW_KIND, DRAW_STATUS
from portal.measures.queries.draws import published_draw, published_draws
from portal.measures.rules.drawing import ALGORITHM, PROGRAM
from portal.public.views.blueprint import bp
from portal.web.openapi import answers
from portal.web.session import db_session

_WHY = "a draw proves something only where anybody can make it again"


@bp.get("/draws")
@public_endpoint(_WHY)
def draws() -> ResponseReturnValue:
    """Every draw, committed to or made."""
    page = published_draws(db_session(), after=request.args.get("after"))
    return render_template("public/draws.html", page=page, kinds=DRAW_KIND, statuses=DRAW_STATUS)


@bp.get("/draws/<uuid:draw_id>")
@public_endpoint(_WHY)
def draw(draw_id: UUID) -> ResponseReturnValue:
    """What was committed to, and what was drawn. Only pseudonyms: no unit stands here, secret ones least of all."""
    found = published_draw(db_session(), draw_id)
    return render_template("public/draw.html", draw=found, kinds=DRAW_KIND, statuses=DRAW_STATUS, algorithm=ALGORITHM)


@bp.get("/draws/<uuid:draw_id>/population.txt")
@public_endpoint(_WHY)
def draw_population(draw_id: UUID) -> ResponseReturnValue:
    """The frozen population, one pseudonym a line: the bytes whose hash is published."""
    return _file(published_draw(db_session(), draw_id).population, "population.txt", "text/plain")


@bp.get("/draws/<uuid:draw_id>/draw.json")
@public_endpoint(_WHY)
@answers("A draw as it is published, for whoever draws again", media="application/json", also={404: "no such draw"})
def draw_data(draw_id: UUID) -> ResponseReturnValue:
    """Everything else the program needs."""
    found = published_draw(db_session(), draw_id)
    days = {name: getattr(found, name) for name in ("committed_on", "entropy_on", "period_from", "revealed_on")}
    told = {
        "algorithm": ALGORITHM,
        "title": found.title,
        "organ": found.organ_name,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "commitment_sha256": found.commitment,
        "population_sha256": found.population_hash,
        "population_size": found.population_size,
        "sample_size": found.sample_size,
        "entropy_source": found.entropy_source,
        "entropy": found.entropy,
        "seed": found.seed,
        "sample": found.sample,
    }
    return _file(json.dumps(told, ensure_ascii=False, indent=1), "draw.json", "application/json")


@bp.get("/draws/draw_verify.py")
@public_endpoint(_WHY)
def draw_program() -> ResponseReturnValue:
    """The program that draws again, to be read and run by anybody."""
    return _file(PROGRAM.read_text(encoding="utf-8"), "draw_verify.py", "text/x-python")


def _file(body: str, name: str, media_type: str) -> Response:
    heads = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=f"{media_type}; charset=utf-8", headers=heads)
