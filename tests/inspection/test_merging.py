"""What stands when two judged the same item: the same whatever arrives first, the stricter until somebody settles it."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.digest import sha256_hex
from portal.inspection.rules.merging import Said, latest_by_person, merge, strictness
from portal.inspection.states import Verdict
from portal.inspection.values import Deduction, ItemAnswer
from tests.people import NOW


def said(
    person: str, verdict: Verdict, *, seq: int = 1, chain: str = "", at: int = 0, off: str = "0", settles=()
) -> Said:
    deductions = (Deduction(Decimal(off), "松动"),) if off != "0" else ()
    return Said(
        digest=sha256_hex(f"{person}{chain}{seq}".encode()),
        person=person,
        chain=chain or person,
        seq=seq,
        captured_at=NOW + timedelta(minutes=at),
        answer=ItemAnswer(verdict=verdict, deductions=deductions, note=f"{person}{seq}"),
        settles=frozenset(settles),
    )


@st.composite
def stories(draw):
    """Two or three inspectors, some with two devices, whose later entries may settle any that were made before."""
    entries: list[Said] = []
    counts: dict[str, int] = {}
    for _ in range(draw(st.integers(1, 9))):
        person = draw(st.sampled_from("甲乙丙"))
        chain = person + draw(st.sampled_from("12"))
        counts[chain] = counts.get(chain, 0) + 1
        known = [entry.digest for entry in entries]
        settles = draw(st.lists(st.sampled_from(known), max_size=4)) if known else []
        entries.append(
            said(
                person,
                draw(st.sampled_from(Verdict)),
                seq=counts[chain],
                chain=chain,
                at=draw(st.integers(-5, 5)),  # clocks go wrong
                off=draw(st.sampled_from(("0", "1", "2.5"))),
                settles=settles,
            )
        )
    return entries, draw(st.permutations(entries))


@settings(max_examples=200, deadline=None)
@given(stories())
def test_what_stands_does_not_hang_on_the_order_of_arrival(story) -> None:
    made, arrived = story
    merged, again = merge(made), merge([*arrived, *arrived[:3]])
    assert merged is not None
    assert again == merged
    sides = latest_by_person(made).values()
    assert set(merged.sides) == set(sides)
    said_by_all = {(side.answer.verdict, side.answer.deducted) for side in sides}
    assert merged.contested is (len(said_by_all) > 1 and not merged.settled)
    if merged.contested:
        assert strictness(merged.standing) == max(strictness(side) for side in sides)
    if merged.settled:
        others = {s.digest for s in sides if s.answer.verdict != merged.standing.answer.verdict}
        assert others <= merged.standing.settles


def test_the_stricter_stands_until_one_entry_names_both() -> None:
    mild, strict = said("甲", Verdict.MET, at=9), said("乙", Verdict.PARTLY, off="2", at=1)
    merged = merge([mild, strict])
    assert (merged.standing, merged.contested) == (strict, True)
    half = said("甲", Verdict.MET, seq=2, settles={strict.digest})
    assert merge([mild, strict, half]).contested  # names one side only
    whole = said("甲", Verdict.MET, seq=2, settles={mild.digest, strict.digest})
    merged = merge([whole, strict, mild])
    assert (merged.standing, merged.contested, merged.settled) == (whole, False, True)
    # The other one has seen something else since: it is open again.
    later = said("乙", Verdict.NOT_MET, seq=2, off="5")
    assert merge([later, whole, strict, mild]).contested


def test_the_own_count_of_a_device_decides_over_its_clock() -> None:
    first, second = said("甲", Verdict.NOT_MET, seq=1, at=30), said("甲", Verdict.MET, seq=2, at=-30)
    assert merge([second, first]).standing == second
    elsewhere = said("甲", Verdict.PARTLY, seq=1, chain="甲的平板", at=0)
    assert merge([elsewhere, second, first]).standing == elsewhere


def test_two_who_agree_in_other_words_are_not_contested() -> None:
    merged = merge([said("甲", Verdict.PARTLY, off="2", at=1), said("乙", Verdict.PARTLY, off="2", at=2)])
    assert (merged.contested, merged.standing.person) == (False, "乙")
