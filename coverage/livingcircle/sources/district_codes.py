"""Codes of administrative divisions: their structure, and what spreadsheets do to them.

A code names the whole way down: two digits for the province, two for the prefecture, two for the county (GB/T 2260), three for the
sub-district (GB/T 10114), three for the community (the statistical code of 12 digits, 统计用区划代码); five more digits say how urban it is
(城乡划分代码). Codes of larger divisions are often filled up with zeros: 320102000000 is 320102, 320100 is 3201.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from livingcircle.model.columns import BoolArray, TextArray
from livingcircle.model.places import DistrictLevel

LEVEL_OF_DIGITS: Mapping[int, DistrictLevel] = MappingProxyType(
    {2: "province", 4: "prefecture", 6: "county", 9: "subdistrict", 12: "community"}
)
PROVINCES = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82),
    )
)
"""Provinces, autonomous regions, municipalities and special administrative regions of GB/T 2260."""
MOSTLY = 0.5
"""A column of which more than this share has the structure of division codes is taken for one; the rest of it is then wrong."""

_FILLED = re.compile(r"^(?:(\d{2})(?:00|0{4}|0{7}|0{10})|(\d{4})(?:00|0{5}|0{8})|(\d{6})(?:000|0{6})|(\d{9})000)$")
"""4, 6, 9 or 12 digits whose last ones are zeros up to where a level ends."""
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d{1,2}$")


def plain_codes(ids: TextArray) -> TextArray:
    """Return codes (n,) without what does not count: blanks, Excel's mark of text, `.0`, fillings of zeros, 城乡划分代码.

    Full-width digits become plain ones; what is no number stays as it is.
    """
    codes: pd.Series[Any] = pd.Series(ids, dtype=object).astype(str).str.normalize("NFKC")
    codes = codes.str.replace(r"[\s'`’]", "", regex=True).str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    codes = codes.str.replace(r"^(\d{12})\d{5}$", r"\1", regex=True)
    return _unfilled(codes)


def _unfilled(codes: pd.Series[Any]) -> TextArray:
    """Return codes (n,) without the zeros that fill them up."""
    plain: TextArray = codes.str.replace(_FILLED, lambda found: found[found.lastindex or 0], regex=True).to_numpy(
        dtype=object
    )
    return plain


def levels_of(codes: TextArray) -> TextArray:
    """Return the level of plain codes (n,), `""` of what has not the structure of one."""
    texts: pd.Series[Any] = pd.Series(codes, dtype=object).astype(str)
    digits = texts.str.len().where(texts.str.fullmatch(r"\d+") & texts.str[:2].isin(PROVINCES), 0)
    levels: TextArray = digits.map(LEVEL_OF_DIGITS).fillna("").to_numpy(dtype=object)
    return levels


def are_division_codes(ids: TextArray) -> bool:
    """Whether these are codes of divisions for the most part, and not numbers of some other kind."""
    plain = plain_codes(ids)
    return bool(len(ids) and (in_scientific_notation(ids) | (levels_of(plain) != "")).mean() > MOSTLY)


def in_scientific_notation(ids: TextArray) -> BoolArray:
    """Return which ids (n,) a spreadsheet has rounded to something like 3.20102E+11: the digits that are missing cannot be had again."""
    return np.array([bool(_SCIENTIFIC.match(text)) for text in ids.tolist()], bool)


def parent_codes(codes: TextArray) -> list[TextArray]:
    """Return the plain codes of the divisions that each is part of, the smallest first: of 320102001003 320102001, 320102, 3201 and 32.

    Shorter codes are at the end of the way up sooner: `""` then. Cities without counties (Dongguan, 4419) stand where the county would.
    """
    texts: pd.Series[Any] = pd.Series(codes, dtype=object).astype(str)
    cuts = [texts.str[:digits].where(texts.str.len() > digits, "") for digits in (9, 6, 4, 2)]
    return [_unfilled(cut) for cut in cuts]
