"""Population tables: residents, households and age groups of districts, put to the districts by code or by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from livingcircle.model.columns import IntArray, TextArray
from livingcircle.model.places import Districts
from livingcircle.model.population import HOUSEHOLDS, RESIDENTS, PopulationTotals
from livingcircle.sources.ages import age_columns
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import number_column, text_column
from livingcircle.sources.district_codes import in_scientific_notation, plain_codes
from livingcircle.sources.district_names import NameIndex, is_total, plain_name
from livingcircle.sources.layers import Layer, LayerSource, open_table, raise_faults
from livingcircle.sources.reading import Reading

EXAMPLES_SHOWN = 3
NONE, AMBIGUOUS = -1, -2


def population_from_table(
    source: LayerSource, columns: Mapping[str, str | None], ages: Mapping[str, str], districts: Districts
) -> Reading[PopulationTotals]:
    """Read a table with a row per district, of any level, and put its figures to the districts.

    A row belongs to the district of its code, else of its name (`livingcircle.sources.district_names`); where several have that name, the
    column `parent` decides. Rows of totals are left out. A row without a partner is warned of, with the names near it; two rows for one
    district are a fault. Empty cells are unknown (NaN), not 0.

    Parameters
    ----------
    source
        CSV, Excel, or a layer whose places are not looked at.
    columns
        Names of the columns for `id`, `name`, `parent`, `residents` and `households`; those that are None are recognised by name.
    ages
        Columns of age groups by group; headers such as 60岁以上 are recognised when empty.
    districts
        What the rows are put to.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    layer = open_table(source, columns)
    found = match_columns(layer, {"code" if key == "id" else key: column for key, column in columns.items()})
    present = ", ".join(str(column) for column in layer.frame.columns if column != "geometry")
    groups = age_columns(layer, ages)
    if layer.readable and not (found["code"] or found["name"]):
        layer.note("population_without_key", columns=present)
    if layer.readable and not (found["residents"] or found["households"] or groups):
        layer.note("population_without_figures", columns=present)
    figures = {
        **({RESIDENTS: number_column(layer, found["residents"], "residents")} if found["residents"] else {}),
        **({HOUSEHOLDS: number_column(layer, found["households"], "households")} if found["households"] else {}),
        **{group: number_column(layer, column, "residents") for group, column in groups.items()},
    }
    codes, names = text_column(layer, found["code"]), text_column(layer, found["name"])
    larger = text_column(layer, found["parent"])
    raise_faults(layer)
    position = _joined(layer, codes, names, larger, districts)
    raise_faults(layer)
    used = np.flatnonzero(position >= 0)
    totals = np.full((len(figures), len(districts)), np.nan)
    for row, values in zip(totals, figures.values(), strict=True):
        row[position[used]] = values[used]
    without = np.flatnonzero(np.isnan(totals).all(axis=0) & districts.undivided)
    if len(without):
        layer.note("districts_without_population", count=len(without), examples=_few(districts.names[without]))
    return Reading(PopulationTotals(tuple(figures), totals), layer.warnings)


def _joined(layer: Layer, codes: TextArray, names: TextArray, larger: TextArray, districts: Districts) -> IntArray:
    """Return the district of each row (t,), negative for none, after noting rows without, with several, and rows for the same one."""
    position = _by_code(codes, districts)
    for index in np.flatnonzero(in_scientific_notation(codes)):
        layer.note("population_code_rounded", index=index, value=codes[index])
    index_of_names = NameIndex(districts.names.tolist())
    totals, by_name = [], []
    for row in np.flatnonzero((position < 0) & ((names != "") | (codes != ""))).tolist():
        if is_total(names[row] or codes[row]):
            totals.append(row)
            continue
        position[row] = _named(layer, row, names[row], larger[row], districts, index_of_names)
        if position[row] >= 0:
            by_name.append(row)
        elif position[row] == NONE:
            near = "; ".join(index_of_names.near(names[row])) or "—"
            layer.note("population_row_unmatched", index=row, value=names[row] or codes[row], nearest=near)
    if totals:
        layer.note("population_totals_skipped", examples=_few(np.where(names == "", codes, names)[totals]))
    if by_name:
        examples = "; ".join(f"{names[row]} → {districts.names[position[row]]}" for row in by_name[:EXAMPLES_SHOWN])
        layer.note("population_by_name", count=len(by_name), examples=examples)
    first: dict[int, int] = {}
    for row in np.flatnonzero(position >= 0).tolist():
        earlier = first.setdefault(int(position[row]), row)
        if earlier != row:
            named = districts.names[position[row]]
            layer.note("population_row_repeated", index=row, value=named, first=layer.row(earlier))
    return position


def _by_code(codes: TextArray, districts: Districts) -> IntArray:
    at = {code: place for place, code in enumerate(plain_codes(districts.ids).tolist())}
    at |= {name: place for place, name in enumerate(districts.ids.tolist())}
    plain = plain_codes(codes)
    pairs = zip(codes.tolist(), plain.tolist(), strict=True)
    return np.array([at.get(code, at.get(short, NONE)) if code else NONE for code, short in pairs], np.int32)


def _named(layer: Layer, row: int, name: str, larger: str, districts: Districts, index_of_names: NameIndex) -> int:
    """Return the district of a name, `NONE`, or `AMBIGUOUS` after noting which have it."""
    found = index_of_names.find(name) if name else []
    if len(found) > 1 and larger:
        found = [one for one in found if _is_within(districts, one, larger)] or found
    if len(found) > 1:
        examples = "; ".join(f"{districts.ids[one]} {districts.names[one]}" for one in found[:EXAMPLES_SHOWN])
        layer.note("population_row_ambiguous", index=row, value=name, examples=examples)
        return AMBIGUOUS
    return found[0] if found else NONE


def _is_within(districts: Districts, position: int, larger: str) -> bool:
    """Whether a district is part of one of that name or code."""
    wanted = {larger, plain_name(larger)}
    above = int(districts.parent[position])
    while above >= 0:
        if wanted & {districts.ids[above], plain_name(districts.names[above])}:
            return True
        above = int(districts.parent[above])
    return False


def _few(names: TextArray) -> str:
    return "; ".join(str(name) for name in names[:EXAMPLES_SHOWN]) + ("…" if len(names) > EXAMPLES_SHOWN else "")
