"""Identifier rules, on the published examples of domain.md 2.1 and 2.5."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import codes

TODAY = date(2026, 11, 20)
GOOD_USCC = (
    "91350100M000100Y43",
    "91110000802100433B",
    "9144030071526726XG",
    "91310000132260250X",
    "914403001922038216",
    "91330100716105852F",
)


@pytest.mark.parametrize("code", GOOD_USCC)
def test_published_credit_codes_pass(code: str) -> None:
    assert codes.uscc_problem(code) is None


@pytest.mark.parametrize("code", GOOD_USCC)
def test_any_single_wrong_character_of_a_credit_code_is_found(code: str) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for place in range(18):
        for other in alphabet.replace(code[place], ""):
            assert codes.uscc_problem(code[:place] + other + code[place + 1 :]) is not None


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_the_check_character_makes_the_weighted_sum_vanish(first_17: str) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    whole = first_17 + codes.uscc_check_digit(first_17)
    assert sum(pow(3, place, 31) * alphabet.index(character) for place, character in enumerate(whole[:17])) % 31 == (
        -alphabet.index(whole[17]) % 31
    )


def test_a_credit_code_fault_names_what_is_wrong() -> None:
    assert codes.uscc_problem("12330100MB0A12345") == codes.Fault("uscc_length", {"length": 17})
    assert codes.uscc_problem("9135010OM000100Y43") == codes.Fault("uscc_character", {"place": 8, "character": "O"})
    assert codes.uscc_problem("91350100M000100Y44") == codes.Fault("uscc_check", {"expected": "3", "given": "4"})


@pytest.mark.parametrize(("eight", "ninth"), [("M000100Y", "4"), ("80210043", "3")])
def test_organisation_check_digit(eight: str, ninth: str) -> None:
    assert codes.organisation_check_digit(eight) == ninth


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), st.integers(0, 7), st.data())
def test_an_organisation_code_sums_to_nothing_and_one_changed_character_shows(eight, place, data) -> None:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = codes.organisation_check_digit(eight)
    total = sum(weight * int(character, 36) for weight, character in zip(weights, eight, strict=True))
    assert (total + (10 if check == "X" else int(check))) % 11 == 0
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    changed = eight[:place] + other + eight[place + 1 :]
    differ = (int(other, 36) - int(eight[place], 36)) % 11 != 0
    assert (codes.organisation_check_digit(changed) != check) == differ


RESIDENTS = st.builds(
    lambda division, born, order: f"{division:06d}{born:%Y%m%d}{order:03d}",
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


@given(RESIDENTS, st.integers(0, 16), st.integers(1, 9))
def test_one_check_character_fits_an_identity_number_and_one_changed_digit_shows(first_17, place, by) -> None:
    good = [c for c in "0123456789X" if codes.resident_id_problem(first_17 + c, today=TODAY) is None]
    assert len(good) == 1
    # ISO 7064 MOD 11-2, written a second time.
    remainder = 0
    for digit in first_17:
        remainder = (remainder + int(digit)) * 2 % 11
    assert good[0] == "0123456789X"[(12 - remainder) % 11]
    changed = first_17[:place] + str((int(first_17[place]) + by) % 10) + first_17[place + 1 :]
    assert codes.resident_id_problem(changed + good[0], today=TODAY) is not None


@pytest.mark.parametrize("code", ["11010519491231002X", "440524188001010014"])
def test_published_resident_ids_pass(code: str) -> None:
    assert codes.resident_id_problem(code, today=TODAY) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("11010519491231002", "resident_id_shape"),
        ("1101051949123100AX", "resident_id_shape"),
        ("110105194912310020", "resident_id_check"),
        ("11010519491331002X", "resident_id_birthday"),
        ("110105202702280026", "resident_id_birthday"),
    ],
)
def test_bad_resident_ids_are_told_apart(code: str, fault: str) -> None:
    found = codes.resident_id_problem(code, today=TODAY)
    assert found is not None
    assert found.code == fault


def test_a_device_code_is_taken_apart() -> None:
    code = codes.parse_device_code("41050200001320000001")
    assert (code.division, code.grassroots, code.industry, code.type, code.network, code.serial) == (
        "410502", "00", "00", "132", "0", "000001",
    )  # fmt: skip
    assert code.is_camera


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("4105020000132000000", "device_code_length"),
        ("4105020000132000000O", "device_code_character"),
        ("4.105020000132E+19", "device_code_spreadsheet"),
        ("4.105020000132e+19".upper(), "device_code_spreadsheet"),
        ("41050200991320000001", "device_code_industry"),
        ("41050200009990000001", "device_code_type"),
        ("33010200001320000001", "device_code_city"),
    ],
)
def test_bad_device_codes_are_told_apart(code: str, fault: str) -> None:
    found = codes.device_code_problem(code, city_code="410500")
    assert found is not None
    assert found.code == fault
    if fault != "device_code_city":
        with pytest.raises(ValueError, match=fault):
            codes.parse_device_code(code)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("139 3722 2207", "13937222207"),
        ("+86 139-3722-2207", "13937222207"),
        ("１３９３７２２２２０７", "13937222207"),
        ("0372-5912345", "0372-5912345"),
        ("（0372）5912345转801", "03725912345-801"),
        ("400-820-8820", "400-820-8820"),
    ],
)
def test_telephones_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert codes.tidy_phone(typed) == stored
    assert codes.phone_problem(stored) is None


@pytest.mark.parametrize("number", ["", "12345", "12937222207", "139372222071", "0372-59", "13937222207x"])
def test_bad_telephones_are_refused(number: str) -> None:
    assert codes.phone_problem(codes.tidy_phone(number)) is not None


def test_a_masked_number_keeps_three_and_four() -> None:
    assert codes.masked_phone("13937222207") == "139****2207"
    assert codes.masked_phone("110") == "****"


@given(st.text(max_size=40))
def test_no_text_breaks_the_rules(text: str) -> None:
    plain = codes.tidy(text)
    codes.uscc_problem(plain)
    codes.resident_id_problem(plain, today=TODAY)
    codes.device_code_problem(plain, city_code="410500")
    codes.phone_problem(codes.tidy_phone(text))
