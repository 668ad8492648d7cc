import re
import string

import pytest

from livingcircle.render import words
from livingcircle.render.columns import COLUMNS, NUMBER_KINDS
from livingcircle.render.words import (
    LANGUAGES,
    WORDS,
    say,
    say_code,
    shown_count,
    shown_limit,
    shown_minutes,
    shown_share,
)

CHINESE = r"[\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e]"
ALL_WORDS = {
    **WORDS,
    **{f"{name}.{part}": getattr(column, part) for name, column in COLUMNS.items() for part in ("header", "meaning")},
}


def placeholders(text):
    """Names in braces; English may repeat a number for its noun and its verb."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", ALL_WORDS)
def test_both_languages_say_the_same_thing(key):
    said = ALL_WORDS[key]
    assert said.zh.strip()
    assert said.en.strip()
    assert placeholders(said.zh) == placeholders(said.en)


@pytest.mark.parametrize("key", ALL_WORDS)
def test_chinese_has_full_width_punctuation_and_english_no_chinese(key):
    said = ALL_WORDS[key]
    beside_chinese = rf"{CHINESE}\s*[,:;?!()]|[,:;?!()]\s*{CHINESE}"
    assert not re.search(beside_chinese, said.zh), said.zh
    assert not re.search(CHINESE, said.en), said.en


def test_every_column_has_a_number_format():
    assert {column.kind for column in COLUMNS.values()} == set(NUMBER_KINDS)


def test_words_are_looked_up_and_filled():
    assert say("map.minutes", "zh", minutes="15") == "15 分钟"
    assert say("map.minutes", "en", minutes="15") == "15 min"
    with pytest.raises(KeyError):
        say("no.such.words", "zh")


def test_unknown_codes_speak_for_themselves():
    assert say_code("verdict", "no_data", "zh") == "数据不足"
    assert say_code("verification", "own_survey", "zh") == "own_survey"


@pytest.mark.parametrize(
    "grade", ["secondary_match", "single_secondary", "news_match", "recall_cross_checked", "recall_unverified"]
)
def test_clauses_not_seen_in_the_document_are_marked(grade):
    assert "未核原文" in say_code("verification", grade, "zh")
    assert "check the printed standard" in say_code("verification", grade, "en")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.763, "76.3 %"),
        (1.0, "100.0 %"),
        (0.99999, ">99.9 %"),
        (0.9994, "99.9 %"),
        (0.0, "0.0 %"),
        (1e-6, "<0.1 %"),
        (float("nan"), "—"),
    ],
)
def test_shares_never_round_to_all_or_nothing(share, text):
    assert shown_share(share) == text


def test_numbers_as_people_read_them():
    assert shown_count(12345.6) == "12,346"
    assert shown_count(float("inf")) == "—"
    assert [shown_minutes(seconds) for seconds in (300.0, 450.0, float("nan"))] == ["5", "7.5", "—"]


def lightness(colour):
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


@pytest.mark.parametrize("limits", [1, 2, 3, 4, 5, 7])
def test_minutes_get_lighter_with_distance(limits):
    colours = words.minute_colours(limits)
    assert len(colours) == limits
    assert [lightness(colour) for colour in colours] == sorted({lightness(colour) for colour in colours})


def test_three_limits_take_the_palette_itself():
    assert words.minute_colours(3) == words.NEAR_TO_FAR


def as_seen_without_red_green(colour):
    """Deuteranopia after Viénot, Brettel and Mollon (1999), in linear RGB: red and green become one channel."""
    red, green, blue = ((int(colour[start : start + 2], 16) / 255) ** 2.2 for start in (1, 3, 5))
    yellow = 0.29275 * red + 0.70725 * green
    return yellow, -0.02234 * red + 0.02234 * green + blue


def test_covered_and_uncovered_differ_without_red_and_green():
    for one, other in (
        (words.COVERED, words.UNCOVERED),
        (words.NEAR_TO_FAR[-1], words.BEYOND),
        (words.BEYOND, words.UNREACHABLE),
    ):
        apart = [
            abs(a - b) for a, b in zip(as_seen_without_red_green(one), as_seen_without_red_green(other), strict=True)
        ]
        assert max(apart) > 0.2


def test_languages():
    assert LANGUAGES == ("zh", "en")


def test_a_limit_is_said_as_its_clause_has_it():
    assert shown_limit(5, None, "zh") == "5 分钟"
    assert shown_limit(400 / 60, 500.0, "zh") == "500 米"
    assert shown_limit(800 / 60, 1000.0, "en") == "1,000 m"
    assert shown_limit(800 / 60, float("nan"), "en") == "13.3 min"
