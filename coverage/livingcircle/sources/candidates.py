"""Candidates: buildings and plots from a list, where a facility could be opened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from livingcircle.model.columns import BoolArray, FloatArray, TextArray
from livingcircle.model.places import Candidates
from livingcircle.model.standard import ServiceType
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, number_column, text_column
from livingcircle.sources.facilities import services_of_rows
from livingcircle.sources.layers import Layer, LayerSource, inner_points, open_layer
from livingcircle.sources.quantities import is_empty_word
from livingcircle.sources.reading import Reading

STATUS: Mapping[str, tuple[str, ...]] = {
    "candidate": ("candidate", "available", "free", "vacant", "候选", "备选", "可用", "闲置", "空置", "待定", "可选"),
    "required": ("required", "fixed", "must", "必选", "已定", "必建", "确定", "已确定", "拟建", "在建", "规划"),
    "forbidden": (
        *(
            "forbidden",
            "unavailable",
            "occupied",
            "excluded",
            "不可用",
            "禁用",
            "已占用",
            "占用",
            "排除",
            "不选",
            "禁止",
        ),
        *("已出租", "已拆除", "不可选"),
    ),
}
"""Words for what may be decided about a candidate already."""
_STATUS_OF = {word: status for status, words in STATUS.items() for word in words}


@dataclass(frozen=True, slots=True)
class AssumedCost:
    """What a candidate is taken to cost whose cost is not stated: so much each, else by floor area; None unknown."""

    wan_yuan: float | None = None
    yuan_per_m2: float | None = None

    def of(self, floor_m2: FloatArray) -> FloatArray:
        """Return the costs in 10,000 yuan of candidates with these floor areas, NaN where they stay unknown."""
        if self.wan_yuan is not None:
            return np.full(len(floor_m2), self.wan_yuan)
        return floor_m2 * (np.nan if self.yuan_per_m2 is None else self.yuan_per_m2 / 10_000)


@dataclass(frozen=True, slots=True)
class AssumedCosts:
    """The same for every use that has one of its own, and for all others."""

    others: AssumedCost = AssumedCost()
    by_use: Mapping[str, AssumedCost] = field(default_factory=dict)


def candidates_from_layer(
    source: LayerSource,
    columns: Mapping[str, str | None],
    crs: str,
    services: Sequence[ServiceType] = (),
    assumed: AssumedCosts | None = None,
) -> Reading[Candidates]:
    """Read a layer or table of points or polygons, in the order of its rows.

    `columns` names those for `id` (row numbers where there is none), `lon`, `lat`, `name` (the id when empty), `cost_wan_yuan` (10,000
    yuan), `floor_m2`, `capacity` (persons), `use`, `allowed` and `status`; those that are None are recognised by name, and what is unknown
    is NaN. Services are named as in lists of facilities; a row that names none allows all. Costs that are not stated are those `assumed`,
    which is noted; how many stay unknown is noted too.

    Raises
    ------
    InputError
        With every fault of the layer; words for a status that nobody knows are among them.
    """
    layer = open_layer(source, needed="any", columns=columns)
    columns = match_columns(layer, columns)
    ids = id_column(layer, columns.get("id"))
    names = text_column(layer, columns.get("name"))
    cost_wan_yuan = number_column(layer, columns.get("cost_wan_yuan"), "wan_yuan")
    floor_m2 = number_column(layer, columns.get("floor_m2"), "m2")
    use = text_column(layer, columns.get("use"))
    cost_wan_yuan = _with_assumed(layer, cost_wan_yuan, floor_m2, use, assumed or AssumedCosts())
    capacity = number_column(layer, columns.get("capacity"), "count")
    status = _status(layer, columns.get("status"))
    allowed = _allowed(layer, columns.get("allowed"), services)
    geometry = layer.projected(crs)  # raises every fault noted before
    candidates = Candidates(
        ids=ids,
        names=np.where(names == "", ids, names),
        xy=inner_points(geometry),
        geometry=geometry,
        cost_wan_yuan=cost_wan_yuan,
        floor_m2=floor_m2,
        capacity=capacity,
        use=use,
        status=status,
        allowed=allowed,
    )
    return Reading(candidates, layer.warnings)


def _allowed(layer: Layer, column: str | None, services: Sequence[ServiceType]) -> BoolArray:
    """Return which of the study's services may move in (c, s); (c, 0) where no column says it."""
    if column is None or not services:
        return np.empty((len(layer.frame), 0), bool)
    named = services_of_rows(layer, column, None, services, may_be_empty=True)
    silent: BoolArray = np.asarray(~named.any(axis=1))
    return np.asarray(named[:, : len(services)] | silent[:, None])


def _status(layer: Layer, column: str | None) -> TextArray:
    texts = text_column(layer, column)
    code, words = pd.factorize(texts)
    meant = np.full(len(words), "candidate", object)
    for number, word in enumerate(words):
        known = _STATUS_OF.get(re.sub(r"\s+", "", str(word)).lower())
        meant[number] = known or "candidate"
        if known is None and word and not is_empty_word(word):
            known_words = tuple(one for words_of in STATUS.values() for one in words_of[:1] + words_of[-3:])
            layer.note(
                "unknown_candidate_status",
                index=int(np.argmax(code == number)),
                column=column or "",
                value=word,
                known=known_words,
            )
    return meant[code] if len(words) else np.full(len(texts), "candidate", object)


def _with_assumed(
    layer: Layer, cost_wan_yuan: FloatArray, floor_m2: FloatArray, use: TextArray, assumed: AssumedCosts
) -> FloatArray:
    missing = np.isnan(cost_wan_yuan)
    if not missing.any():
        return cost_wan_yuan
    filled = np.where(missing, assumed.others.of(floor_m2), cost_wan_yuan)
    for name, cost in assumed.by_use.items():
        own = missing & (use == name)
        filled = np.where(own, cost.of(floor_m2), filled)
    unknown = np.isnan(filled)
    if (missing & ~unknown).any():
        layer.note("candidate_costs_assumed", count=int((missing & ~unknown).sum()))
    if unknown.any():
        layer.note("candidate_costs_unknown", count=int(unknown.sum()))
    return filled
