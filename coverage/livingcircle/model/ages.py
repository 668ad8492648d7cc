"""Age groups by name: which ages a name means, and which group of a study is meant by others' words for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PEOPLE = r"(?:的)?(?:人|人口|人数|人口数|老人|老年人|老年人口|儿童|幼儿|儿童数|residents|people|persons)?"
_FROM = re.compile(rf"(?:ages?|aged)?(\d{{1,3}})(?:岁|周岁)?(?:\+|及?以上|plus|andover|andolder|andabove){_PEOPLE}")
_BETWEEN = re.compile(
    rf"(?:ages?|aged)?(\d{{1,3}})(?:岁|周岁)?(?:[-–—~～至到]|to)(\d{{1,3}})(?:岁|周岁|years)?{_PEOPLE}"
)
_IGNORED = re.compile(r"[\s_()（）]")


def age_group(name: str) -> str | None:
    """Return the age group a name means, None for any other: `60岁以上`, `60岁及以上人口` and `aged 60+` are `60+`, `0–3岁` is `0-3`."""
    plain = _IGNORED.sub("", name).casefold()
    if found := _FROM.fullmatch(plain):
        return f"{int(found[1])}+"
    if (found := _BETWEEN.fullmatch(plain)) and int(found[1]) < int(found[2]) <= 120:
        return f"{int(found[1])}-{int(found[2])}"
    return None


def ages_of(group: str) -> tuple[int, int | None] | None:
    """Return the first and last age of a group by its name, None for the last of `60+`; None where the name tells no ages."""
    plain = age_group(group)
    if plain is None:
        return None
    first, _, last = plain.rstrip("+").partition("-")
    return int(first), int(last) if last else None


def group_named(name: str, groups: Sequence[str]) -> str | None:
    """Return the group called so, else the first that means the same ages, None where there is none."""
    if name in groups:
        return name
    ages = ages_of(name)
    return next((group for group in groups if ages is not None and ages_of(group) == ages), None)
