"""Sentences with numbers: one thing is never called several."""

from __future__ import annotations

import re
import string

import pytest

from livingcircle.faults import FAULT_KINDS, Fault, filled
from livingcircle.render.words import WORDS


def test_a_number_brings_its_noun_along():
    said = "{count:,.0f|home lies|homes lie} in no district and {count:?counts|count} in the total"
    assert filled(said, {"count": 1}) == "1 home lies in no district and counts in the total"
    assert filled(said, {"count": 0}) == "0 homes lie in no district and count in the total"
    assert filled(said, {"count": 1234.0}) == "1,234 homes lie in no district and count in the total"
    assert filled("{count:|gap|gaps} of {name}", {"count": "1", "name": "{count}"}) == "1 gap of {count}"
    assert filled("{people:,.0f|resident|residents}", {"people": 1.3}) == "1 resident"  # as it is shown
    with pytest.raises(KeyError):
        filled("{count:|gap|gaps}", {})


def test_a_fault_speaks_of_one_facility():
    fault = Fault("planned_left_out", details={"count": 1})
    assert fault.problem("en") == "1 planned facility is left out"
    assert Fault("planned_left_out", details={"count": 2}).problem("en") == "2 planned facilities are left out"
    assert fault.problem("zh").startswith("1 处")


EVERY = {
    **{kind: f"{said.problem_en}. {said.remedy_en}" for kind, said in FAULT_KINDS.items()},
    **{key: said.en for key, said in WORDS.items()},
}


@pytest.mark.parametrize("name", [name for name, text in EVERY.items() if "|" in text and "{" in text])
def test_numbers_of_one_and_of_several_can_both_be_said(name):
    text = EVERY[name]
    parsed = [(hole, look) for _, hole, look, _ in string.Formatter().parse(text) if hole]
    counted = {hole for hole, look in parsed if "|" in look}
    numeric = {hole for hole, look in parsed if re.search(r"[dfg%]|^,$", look.split("|")[0])}
    for number in (1, 5):
        values = {hole: number if hole in counted | numeric else "x" for hole, _ in parsed}
        said = filled(text, values)
        assert "|" not in said
        assert "?" not in said or "?" in re.sub(r"\{[^}]*\}", "", text)
