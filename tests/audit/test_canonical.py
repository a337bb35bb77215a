"""Canonical bytes: one meaning, one spelling."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.rules.canonical import NotCanonical, canonical_bytes, clean_text, utc_text
from portal.audit.rules.entry import LONGEST_VALUE, encode_changes
from portal.audit.values import FieldChange
from tests.audit.specimen import event

scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", max_size=3), inner), max_leaves=20
)


@given(values)
def test_reading_back_and_writing_again_gives_the_same_bytes(value: object) -> None:
    once = canonical_bytes(value)  # type: ignore[arg-type]
    assert canonical_bytes(json.loads(once)) == once


def test_keys_are_sorted_and_text_is_composed() -> None:
    assert canonical_bytes({"b": 1, "a": "e\u0301"}) == '{"a":"é","b":1}'.encode()


@pytest.mark.parametrize("value", [1.5, float("nan"), {"a": [0.1]}, {1: "a"}, b"x", {"é": 1, "e\u0301": 2}, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)  # type: ignore[arg-type]


def test_times_are_utc_with_six_digits_and_need_a_zone() -> None:
    assert utc_text(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))) == "2026-01-01T00:00:00.000000Z"
    with pytest.raises(NotCanonical):
        utc_text(datetime(2026, 1, 1))


@given(st.text())
def test_cleaned_text_can_be_stored_and_sealed(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    assert json.loads(canonical_bytes(cleaned)) == cleaned


def test_changes_keep_types_and_hide_what_is_sensitive() -> None:
    changes = encode_changes(
        [
            FieldChange(name="days", old=30, new=90),
            FieldChange(name="open", old=None, new=True),
            FieldChange(name="share", old=0.1, new=Decimal("1E+2")),
            FieldChange(name="from", old=date(2026, 1, 2)),
            FieldChange(name="at", old=None, new=datetime(2026, 1, 2, tzinfo=UTC)),
            FieldChange(name="unit", new=UUID(int=1)),
            FieldChange(name="roles", old=("b", "a"), new=frozenset({"b", "a"})),
            FieldChange(name="phone", old=None, new="13900002207", sensitive=True),
            FieldChange(name="note", old="x" * (LONGEST_VALUE + 1), new="y"),
        ],
        lambda name, text: f"digest of {name} {len(text)}",
    )
    assert changes == [
        {"field": "days", "type": "integer", "old": 30, "new": 90},
        {"field": "open", "type": "boolean", "old": None, "new": True},
        {"field": "share", "type": "decimal", "old": "0.1", "new": "100"},
        {"field": "from", "type": "date", "old": "2026-01-02", "new": None},
        {"field": "at", "type": "moment", "old": None, "new": "2026-01-02T00:00:00.000000Z"},
        {"field": "unit", "type": "id", "old": None, "new": "00000000-0000-0000-0000-000000000001"},
        {"field": "roles", "type": "list", "old": ["b", "a"], "new": ["a", "b"]},
        {"field": "phone", "type": "sensitive", "old": None, "new": "digest of phone 11"},
        {"field": "note", "type": "digest", "old": "digest of note 1001", "new": "digest of note 1"},
    ]
    canonical_bytes(changes)


def test_a_change_of_another_type_is_refused() -> None:
    with pytest.raises(NotCanonical):
        encode_changes([FieldChange(name="raw", new=b"x")], lambda _name, text: text)  # type: ignore[arg-type]


def test_every_column_of_the_stage_is_in_the_body() -> None:
    from portal.audit.rules.entry import body_of

    marked = event(1, reason="reason-text", reason_sealed="sealed", reason_digest="digest", district="410503")
    body = canonical_bytes(body_of(marked, seq=7, previous=bytes(32), sealed_at="now")).decode()
    for value in marked._replace(at="2026-11-20T08:00:01.000008Z", changes="retention_days"):  # type: ignore[arg-type]
        wanted = value[0] if isinstance(value, list) else value
        assert ("null" if wanted is None else str(wanted)) in body
