"""Colours that are told apart by everybody: text against its ground, and the classes of a legend with each kind of colour blindness.

Contrast by WCAG 2.1; colour blindness by the matrices of Machado, Oliveira and Fernandes (2009) for complete protanopia, deuteranopia and
tritanopia, in linear light; differences as ΔE of CIE 1976 in CIELAB (D65), of which 2.3 is just noticeable.
"""

import re

import numpy as np
import pytest

from conftest import ROOT
from livingcircle.render import words
from livingcircle.render.words import colours, minute_colours

LEAST_DIFFERENCE = 15.0
"""Classes side by side in a map: six times what is just noticeable."""
TEXT_CONTRAST, GRAPHIC_CONTRAST = 4.5, 3.0

SEEN_BY = {
    "everybody else": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)


def linear(colour):
    part = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(light):
    ratio = _TO_XYZ @ np.clip(light, 0, 1) / _WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def difference(one, other, sight):
    seen = np.array(SEEN_BY[sight])
    return float(np.linalg.norm(lab(seen @ linear(one)) - lab(seen @ linear(other))))


def contrast(one, other):
    lights = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_the_measures_are_those_of_the_textbooks():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    # Red and green of equal lightness are one to whom red or green light is missing.
    assert difference("#c00000", "#506000", "everybody else") > 4 * difference("#a86000", "#808000", "deuteranopia")


@pytest.mark.parametrize("sight", SEEN_BY)
@pytest.mark.parametrize(
    "classes",
    [
        [*minute_colours(3), colours.BEYOND, colours.UNREACHABLE, colours.UNJOINED],
        [*colours.WITHIN_LIMIT, colours.PARTLY_WITHIN, *colours.PAST_LIMIT, colours.UNJOINED],
        [colours.COVERED, colours.UNCOVERED, colours.UNJOINED],
        [words.VERDICT_FILLS["met"], words.VERDICT_FILLS["unmet"]],
        [colours.GAP, colours.PLAN, colours.COVERED],
        colours.SCORE,
        colours.GOOD_RAMP,
        colours.BAD_RAMP,
        [colours.COVERED, colours.PLAN, colours.UNCOVERED, colours.UNJOINED],
    ],
    ids=["minutes", "walks", "coverage", "verdicts", "marks", "scores", "good", "bad", "plan"],
)
def test_classes_of_one_legend_are_told_apart(classes, sight):
    least = min(
        (difference(one, other, sight), one, other)
        for place, one in enumerate(classes)
        for other in classes[place + 1 :]
    )
    assert least[0] >= LEAST_DIFFERENCE, least


@pytest.mark.parametrize("limits", [1, 2, 3, 4, 5])
def test_near_is_darker_than_far_for_everybody(limits):
    for seen in SEEN_BY.values():
        lightness = [lab(np.array(seen) @ linear(colour))[0] for colour in minute_colours(limits)]
        assert lightness == sorted(lightness)
        assert min(np.diff(lightness), default=99) > 5


def test_walks_on_paper_read_in_grey():
    """Nearer is darker, and what misses a limit has a rim that is dark against every fill it surrounds."""
    within, past = (
        [lab(linear(one))[0] for one in ramp] for ramp in (colours.WITHIN_LIMIT, (*colours.PAST_LIMIT, colours.NOWHERE))
    )
    assert within == sorted(within)
    assert past == sorted(past)
    for fill in (colours.PARTLY_WITHIN, *colours.PAST_LIMIT, colours.NOWHERE):
        assert contrast(colours.MISSED, fill) >= GRAPHIC_CONTRAST


@pytest.mark.parametrize("colour", [*colours.SERVICE_MARKERS, colours.PLAN, colours.GAP, colours.UNREACHABLE])
def test_marks_stand_out_from_the_paper(colour):
    assert contrast(colour, colours.PAPER) >= GRAPHIC_CONTRAST


def test_words_on_the_page_can_be_read():
    """Every rule of the page's style that states a colour of text and of its ground, and all text that stands on white or near it."""
    style = (ROOT / "apps" / "static" / "page.css").read_text(encoding="utf-8")
    found = 0
    for rule in re.findall(r"\{([^}]*)\}", style):
        text = re.search(r"(?<![-\w])color: (#[0-9a-f]{3,6})\b", rule)
        ground = re.search(r"background(?:-color)?: (#[0-9a-f]{3,6})\b", rule)
        if text is None:
            continue
        whole = [_whole(match.group(1)) if match else "#f4f6f8" for match in (text, ground)]
        assert contrast(*whole) >= TEXT_CONTRAST, rule
        found += 1
    assert found > 10


def _whole(colour):
    return colour if len(colour) == 7 else "#" + "".join(2 * sign for sign in colour[1:])
