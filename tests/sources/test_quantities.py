"""Numbers as people write them: understood exactly, said to be about right, or not read at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.sources.columns import number_column
from livingcircle.sources.layers import LayerSource, open_layer
from livingcircle.sources.quantities import EMPTY_WORDS, _in_chinese, chinese_number, is_empty_word, is_range, quantity
from livingcircle.sources.units import SYMBOLS, UNITS


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("350平米", "m2", 350),
        ("1.2万㎡", "m2", 12_000),
        ("1.2 万平方米", "m2", 12_000),
        ("0.35公顷", "m2", 3500),
        ("3亩", "m2", 2000),
        ("1平方公里", "m2", 1_000_000),
        ("100 m²", "m2", 100),
        ("100m2", "m2", 100),
        ("3500 户", "households", 3500),
        ("３５００户", "households", 3500),
        ("1,234.5", None, 1234.5),
        ("１２３", None, 123),
        ("1.2千", None, 1200),
        ("1.5万人", "residents", 15_000),
        ("三千五百户", "households", 3500),
        ("一万二千", None, 12_000),
        ("十二层", "levels", 12),
        ("6F", "levels", 6),
        ("120万", "wan_yuan", 120),
        ("三百万", "wan_yuan", 300),
        ("5000元", "wan_yuan", 0.5),
        ("1.2亿元", "wan_yuan", 12_000),
        ("40张", "beds", 40),
        ("35%", "share", 0.35),
        ("1.5公里", "metres", 1500),
        (".5", None, 0.5),
        ("-5", None, -5),
    ],
)
def test_what_is_understood_exactly(text, unit, value):
    read = quantity(text, unit)
    assert read is not None
    assert read.value == pytest.approx(value, rel=1e-12)
    assert read.exact


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("约3000户", 3000),
        ("3000多户", 3000),
        ("3千余户", 3000),
        ("大约1.5万户左右", 15_000),
        ("≈300", 300),
        ("300户上下", 300),
    ],
)
def test_what_is_about_right(text, value):
    read = quantity(text, "households")
    assert read is not None
    assert (read.value, read.exact) == (value, False)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2-3", None),
        ("٠", None),
        ("300~500户", "households"),
        ("300至500", None),
        ("350人", "m2"),
        ("3500套", "households"),
        ("300以上", None),
        ("不足500", None),
        (">500", None),
        ("1,23", None),
        ("1 234", None),
        ("12 34", None),
        ("1_0", None),
        ("1.2.3", None),
        ("三千五", None),
        ("三五〇", None),
        ("一百二", None),
        ("千", None),
        ("万", None),
        ("几百户", "households"),
        ("一亿二千万", "wan_yuan"),
        ("1万千", None),
        ("inf", None),
        ("#N/A", None),
        ("约", None),
        ("户", "households"),
        ("男30女20", "residents"),
        ("=1+1", None),
    ],
)
def test_what_is_not_read(text, unit):
    assert quantity(text, unit) is None


def test_a_unit_in_the_cell_goes_before_that_of_the_header():
    assert quantity("3", "m2", 10_000).value == 30_000
    assert quantity("350平米", "m2", 10_000).value == 350
    assert quantity("1.2万", "m2", 10_000) is None


def test_words_that_say_nothing_is_known():
    assert all(is_empty_word(word) for word in EMPTY_WORDS)
    assert is_empty_word(" 暂无资料 ")
    assert is_empty_word("N／A")
    assert not is_empty_word("0")
    assert [is_range(text) for text in ("2-3", "约300至500", "3～5万", "-5", "300")] == [True, True, True, False, False]


@given(st.integers(0, 10**12 - 1))
def test_chinese_numbers_are_what_they_spell(number):
    assert chinese_number(_in_chinese(number)) == float(number)


@given(st.floats(0, 1e12, allow_nan=False), st.sampled_from(sorted(UNITS)), st.data())
def test_a_number_with_any_unit_is_the_number_times_its_factor(number, unit, data):
    name = data.draw(st.sampled_from(sorted(UNITS[unit])))
    text = f"{number:.6f}"
    read = quantity(f"{text}{name}", unit)
    assert read is not None
    assert read.value == pytest.approx(float(text) * UNITS[unit][name], rel=1e-9)


@given(st.text(max_size=20), st.sampled_from([None, *sorted(UNITS)]))
def test_no_text_is_read_as_infinite_and_none_raises(text, unit):
    read = quantity(text, unit)
    assert read is None or np.isfinite(read.value)


@given(st.text(st.sampled_from("约0123.,，万亿千百十一二三户㎡-~多 "), max_size=12))
def test_what_has_no_digit_has_no_value(text):
    read = quantity(text, "households")
    if not any(sign in "0123456789一二三十百千万亿" for sign in text):
        assert read is None


def column(tmp_path: Path, *values: str, header: str = "户数", unit="households"):
    rows = "".join(f'{row},118,32,"{value}"\n' for row, value in enumerate(values))
    (tmp_path / "a.csv").write_text(f"id,lon,lat,{header}\n{rows}", encoding="utf-8")
    layer = open_layer(LayerSource(tmp_path / "a.csv"), needed="points")
    return number_column(layer, header, unit), {
        one.kind: one for one in layer.findings if one.kind != "columns_matched"
    }


def test_a_column_says_how_it_was_understood(tmp_path):
    numbers, said = column(tmp_path, "3500户", "约800", "暂无资料", "", "1,200", "无", "12", "暂无资料")
    assert numbers[[0, 1, 4, 6]].tolist() == [3500, 800, 1200, 12]
    assert np.isnan(numbers[[2, 3, 5, 7]]).all()
    assert said["empty_words"].details == {"count": 3, "words": ("暂无资料 × 2", "无 × 1")}
    assert (said["approximate_numbers"].severity, said["approximate_numbers"].details["rows"]) == ("warning", "3")
    assert "3500户 → 3,500" in said["units_read"].sentence("zh")
    for one in said.values():
        assert "{" not in one.sentence("zh") + one.sentence("en")


def test_a_column_names_what_it_cannot_read(tmp_path):
    numbers, said = column(tmp_path, "300-500", "很多", "-3户", "#DIV/0!")
    assert [(one.kind, one.row, one.value) for one in said.values()] == [
        ("number_range", 2, "300-500"),
        ("not_a_number", 3, "很多"),
        ("negative_number", 4, "-3户"),
        ("formula_error", 5, "#DIV/0!"),
    ]
    assert np.isnan(numbers[[0, 1, 3]]).all()


@pytest.mark.parametrize(
    ("header", "unit", "value"),
    [
        ("建筑面积（万㎡）", "m2", 20_000),
        ("面积_亩", "m2", 4000 / 3),
        ("用地面积/公顷", "m2", 20_000),
        ("面积(单位：平方米)", "m2", 2),
        ("总投资（亿元）", "wan_yuan", 20_000),
        ("人口（万人）", "residents", 20_000),
        ("户数（2023年）", "households", 2),
        ("floor_m2", "m2", 2),
    ],
)
def test_a_header_carries_its_unit(tmp_path, header, unit, value):
    numbers, said = column(tmp_path, "2", header=header, unit=unit)
    assert numbers[0] == pytest.approx(value)
    assert set(said) <= {"header_unit"}
    assert ("header_unit" in said) == (value != 2)
    if said:
        assert SYMBOLS[unit] in said["header_unit"].sentence("zh")


@pytest.mark.parametrize(
    ("header", "unit"), [("面积（坪）", "m2"), ("面积（百平方米）", "m2"), ("人口（户）", "residents")]
)
def test_a_unit_that_cannot_be_converted_is_a_fault(tmp_path, header, unit):
    assert "unknown_unit" in column(tmp_path, "2", header=header, unit=unit)[1]
