"""Sentences with braces, and how these are filled: a number brings its noun along, so that one thing is never called several.

`{count:|home lies|homes lie}` reads `1 home lies` or `2 homes lie`, a format such as `,.0f` may stand before the first bar;
`{count:?it counts|they count}` reads `it counts` or `they count`, without the number.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Fill the braces of a sentence.

    Raises
    ------
    KeyError
        When a value is missing: a defect of the caller.
    """
    return _Filling().vformat(template, (), values) if "|" in template else template.format_map(values)


class _Filling(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        if "|" not in format_spec:
            return super().format_field(value, format_spec)
        look, one, several = format_spec.split("|") if format_spec[0] != "?" else ("", *format_spec[1:].split("|"))
        shown = str(super().format_field(value, look))
        said = one if shown == "1" else several
        return said if format_spec[0] == "?" else f"{shown} {said}"
