"""Codes of divisions, as the standards build them and as spreadsheets leave them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from livingcircle.sources.district_codes import (
    PROVINCES,
    are_division_codes,
    in_scientific_notation,
    levels_of,
    parent_codes,
    plain_codes,
)


def texts(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("written", "plain", "level"),
    [
        ("320102001003", "320102001003", "community"),
        ("320102001000", "320102001", "subdistrict"),
        ("320102001", "320102001", "subdistrict"),
        ("320102000000", "320102", "county"),
        ("320102000", "320102", "county"),
        ("320102", "320102", "county"),
        ("320100000000", "3201", "prefecture"),
        ("320100", "3201", "prefecture"),
        ("320000", "32", "province"),
        ("320000000000", "32", "province"),
        ("441900003000", "441900003", "subdistrict"),  # Dongguan has no counties
        ("320102001003.0", "320102001003", "community"),
        ("'320102001003", "320102001003", "community"),
        ("３２０１０２", "320102", "county"),
        ("320102 001 003", "320102001003", "community"),
        ("32010200100301111", "320102001003", "community"),  # with the five digits of 城乡划分代码
        ("00100", "00100", ""),
        ("990102", "990102", ""),
        ("32010200", "32010200", ""),
        ("3.20102E+11", "3.20102E+11", ""),
        ("玄武区", "玄武区", ""),
        ("", "", ""),
    ],
)
def test_what_a_code_says(written, plain, level):
    assert plain_codes(texts(written)).tolist() == [plain]
    assert levels_of(texts(plain)).tolist() == [level]


def test_the_way_up():
    ways = parent_codes(texts("320102001003", "320102001", "320102", "32", "441900003001"))
    assert [list(way) for way in zip(*ways, strict=True)] == [
        ["320102001", "320102", "3201", "32"],
        ["", "320102", "3201", "32"],
        ["", "", "3201", "32"],
        ["", "", "", ""],
        ["441900003", "4419", "4419", "44"],
    ]


def test_there_are_34_provinces():
    assert len(PROVINCES) == 34


def test_numbers_of_another_kind_are_left_alone():
    assert not are_division_codes(texts("00100", "00120", "00130"))
    assert not are_division_codes(texts("1", "2", "3", "320102"))
    assert not are_division_codes(texts())
    assert are_division_codes(texts("320102001", "320102002", "32010200"))
    assert are_division_codes(texts("3.20102E+11", "3.20102E+11"))


def test_what_excel_rounded():
    rounded = in_scientific_notation(texts("3.20102E+11", "3.2e11", "320102", "E11", "3.20102E+011x"))
    assert rounded.tolist() == [True, True, False, False, False]


@given(some.text(alphabet="0123456789 .'eE+３甲", max_size=20))
def test_what_is_plain_stays_plain(text):
    once = plain_codes(texts(text))
    assert plain_codes(once).tolist() == once.tolist()


@given(some.text(max_size=20))
def test_any_text_is_survived(text):
    once = plain_codes(texts(text))
    assert len(parent_codes(once)) == 4
    assert levels_of(once).tolist() == [""] or once[0][:2] in PROVINCES
    assert in_scientific_notation(texts(text)).shape == (1,)
