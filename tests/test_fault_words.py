"""What faults say: each language in its own signs."""

from __future__ import annotations

import re

import pytest

from livingcircle.faults import FAULT_KINDS, Fault, several
from livingcircle.render.words import WORDS

FULL_WIDTH = re.compile("[，。；：、！？（）《》【】]")


def test_english_has_no_full_width_signs():
    said = {kind: (of.problem_en, of.remedy_en) for kind, of in FAULT_KINDS.items()}
    assert [kind for kind, texts in said.items() if FULL_WIDTH.search("".join(texts))] == []
    assert [key for key, of in WORDS.items() if FULL_WIDTH.search(of.en)] == []


@pytest.mark.parametrize(
    ("language", "listed"), [("zh", "本小区甲、乙、丙…"), ("en", "本小区甲, 乙, 丙…")]
)  # names are data, and stay as they are
def test_several_are_listed_as_the_language_lists(language, listed):
    fault = Fault("districts_incomplete", details={"count": 4, "examples": several(["本小区甲", "乙", "丙", "丁"], 3)})
    assert listed in fault.problem(language)


@pytest.mark.parametrize(("names", "shown"), [([], ()), (["甲"], ("甲",)), ([1, 2], ("1", "2")), ("abc", ("a", "b…"))])
def test_several_names_the_first(names, shown):
    assert several(names, 2) == shown
