"""A draw nobody can steer: frozen and committed before, made from a public number, made again by a program of its own."""

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.ids import new_id
from portal.measures.models import Draw
from portal.measures.operations import draws
from portal.measures.queries.draws import get_draw, sample_of
from portal.measures.rules.drawing import PROGRAM, commitment_of, digest_of, drawn, pseudonym, published
from portal.measures.values import DrawDraft, DrawKind
from portal.registry.models import System
from tests.people import BEIGUAN, NOW, TODAY, World, make_world

DAY = timedelta(days=1)
DRAFT = DrawDraft(
    kind=DrawKind.UNITS,
    title="2026年12月双随机抽查",
    sample_size=3,
    period_from=TODAY + 10 * DAY,
    period_to=TODAY + 30 * DAY,
    entropy_source="中国福利彩票双色球当期开奖号码",
    entropy_on=TODAY + 9 * DAY,
)
LATER = NOW + 10 * DAY
NUMBER = "03 08 15 17 22 30 + 09"


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.extra["leader"] = made.person(Role.BUREAU_LEADER)
    made.extra["units"] = [made.unit(f"第{number}中学").id for number in range(12)]
    return made


def committed(world: World, draft: DrawDraft = DRAFT) -> Draw:
    made = draws.commit_draw(world.session, actor=world.extra["leader"], draft=draft, now=NOW)
    world.session.flush()
    return made


def revealed(world: World) -> Draw:
    made = draws.reveal_draw(
        world.session, actor=world.extra["leader"], draw_id=committed(world).id, entropy=NUMBER, now=LATER
    )
    world.session.flush()
    return made


def told(draw: Draw) -> dict[str, Any]:
    """What the public file says of a draw."""
    return {
        "algorithm": "portal-draw/1", "committed_on": str(draw.committed_on), "entropy_on": str(draw.entropy_on),
        "revealed_on": str(draw.revealed_on), "commitment_sha256": draw.commitment, "seed": draw.seed,
        "population_sha256": draw.population_hash, "population_size": draw.population_size, "entropy": draw.entropy,
        "sample_size": draw.sample_size, "sample": draw.sample,
    }  # fmt: skip


def checked(draw: dict[str, Any], population: bytes) -> list[str]:
    """What the stand-alone program finds wrong."""
    spec = importlib.util.spec_from_file_location("draw_verify", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[str] = module.faults(draw, population)
    return found


def test_everybody_has_the_same_chance_over_ten_thousand_draws() -> None:
    population = published(pseudonym(b"mask", UUID(int=number)) for number in range(20))
    hits = Counter(
        one for turn in range(10_000) for one in drawn(population, seed=f"{turn:064x}", entropy=NUMBER, size=1)
    )
    expected = 10_000 / 20
    chi_square = sum((hits[one] - expected) ** 2 / expected for one in population.split())
    assert chi_square < 43.8  # the 99.9th percentile at 19 degrees of freedom


def test_the_program_makes_the_same_draw_and_sees_every_change(world: World) -> None:
    draw = revealed(world)
    facts, population = told(draw), draw.population.encode()
    assert checked(facts, population) == []
    assert draw.seed is not None
    other = draw.population.split()
    wrong: list[tuple[dict[str, Any], bytes]] = [
        ({**facts, "seed": "0" * 64}, population),
        ({**facts, "entropy": NUMBER + "1"}, population),
        ({**facts, "sample": list(reversed(facts["sample"]))}, population),
        ({**facts, "sample": [other[0], *facts["sample"][1:]]}, population) if other[0] != facts["sample"][0]
        else ({**facts, "sample": facts["sample"][:2]}, population),
        (facts, "".join(f"{one}\n" for one in other[1:]).encode()),
        ({**facts, "commitment_sha256": commitment_of("1" * 64)}, population),
        ({**facts, "entropy_on": facts["committed_on"]}, population),
        ({**facts, "population_sha256": digest_of("".join(f"{one}\n" for one in other[1:]))}, population),
    ]  # fmt: skip
    assert [number for number, (told_, given) in enumerate(wrong) if not checked(told_, given)] == []


def test_the_program_stands_alone(world: World, tmp_path: Path) -> None:
    draw = revealed(world)
    (tmp_path / "draw.json").write_text(json.dumps(told(draw)))
    (tmp_path / "population.txt").write_bytes(draw.population.encode())
    command = [sys.executable, "-I", str(PROGRAM), "draw.json", "population.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:2]) == (0, "OK")
    (tmp_path / "population.txt").write_bytes(draw.population.encode()[33:])
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_nothing_is_drawn_before_its_time_nor_from_what_was_known(world: World) -> None:
    for wrong in (
        replace(DRAFT, entropy_on=TODAY),
        replace(DRAFT, period_from=DRAFT.entropy_on - DAY),
        replace(DRAFT, period_to=DRAFT.period_from - DAY),
        replace(DRAFT, sample_size=13),
        replace(DRAFT, entropy_source=" "),
    ):
        with pytest.raises(Invalid):
            committed(world, wrong)
    draw = committed(world)
    assert (draw.seed, draw.sample, draw.population_size) == (None, None, 12)
    with pytest.raises(IllegalTransition, match="draw_too_early"):
        draws.reveal_draw(world.session, actor=world.extra["leader"], draw_id=draw.id, entropy=NUMBER, now=LATER - DAY)


_REVEAL = (
    "update draw set status = 'revealed', seed = :seed, entropy = 'x', sample = '[]', revealed_on = :on, revealed_at = now() "
    "where id = :id"
)


def test_the_database_keeps_what_was_committed_to(world: World) -> None:
    """Whoever writes: not another population, not another seed, not too early, not twice, not gone."""
    session, draw = world.session, committed(world)
    values = {"id": draw.id, "seed": "0" * 64, "on": DRAFT.period_from, "hash": digest_of("a\n")}
    for statement in (
        "update draw set population = 'a' || chr(10), population_hash = :hash where id = :id",
        "update draw set sample_size = 1 where id = :id",
        "update draw set commitment = :hash where id = :id",
        "delete from draw where id = :id",
        "update draw_member set unit_id = unit_id where draw_id = :id",
        "delete from draw_member where draw_id = :id",
        _REVEAL,
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement), values)
    made = draws.reveal_draw(session, actor=world.extra["leader"], draw_id=draw.id, entropy=NUMBER, now=LATER)
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update draw set sample = '[]' where id = :id"), values)
    early = committed(world)
    on_time = {"id": early.id, "seed": made.seed, "on": DRAFT.period_from - DAY}
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(_REVEAL), on_time)
    with pytest.raises(IllegalTransition):
        draws.reveal_draw(session, actor=world.extra["leader"], draw_id=draw.id, entropy="2", now=LATER)


def test_only_the_organ_learns_whom_a_sample_names(world: World) -> None:
    draw = revealed(world)
    named = sample_of(world.session, draw)
    assert [one.pseudonym for one in named] == draw.sample
    assert {one.unit_id for one in named} <= set(world.extra["units"])
    stranger: Identity = world.person(Role.BUREAU_LEADER, organ=world.branches[BEIGUAN])
    with pytest.raises(NotFound):
        get_draw(world.session, stranger, draw.id)
    with pytest.raises(NotAllowed):
        draws.commit_draw(world.session, actor=world.person(Role.INSPECTOR), draft=DRAFT, now=NOW)


def test_the_public_page_names_no_unit(world: World, session: Session, client: FlaskClient) -> None:
    secret = world.extra["units"][0]
    session.add(
        System(
            unit_id=secret, district="410502", organ_id=world.branches["410502"].id, name="机要室监控", kind="unit_internal",
            regime="a9", address="内部", use_status="in_use", secret=True, created_at=NOW, updated_at=NOW,
        )
    )  # fmt: skip
    draw = revealed(world)
    session.commit()
    pages = [
        client.get(f"/public/draws{path}")
        for path in ("", f"/{draw.id}", f"/{draw.id}/draw.json", f"/{draw.id}/population.txt")
    ]
    assert [page.status_code for page in pages] == [200] * 4
    shown = "".join(page.text for page in pages)
    assert draw.commitment in shown
    assert draw.population_hash in shown
    assert "中学" not in shown
    assert "机要室" not in shown
    assert not any(str(key) in shown or key.hex in shown for key in world.extra["units"])
    assert checked(pages[2].get_json(), pages[3].data) == []
    assert client.get("/public/draws/draw_verify.py").data == PROGRAM.read_bytes()
    assert client.get(f"/public/draws/{new_id()}").status_code == 404
    assert date.fromisoformat(pages[2].get_json()["committed_on"]) < draw.period_from
