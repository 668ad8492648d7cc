"""Buildings of a layer whose residents nobody has counted: what it says of their floors, and what is assumed where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from livingcircle.kernel.floors import MOST_LEVELS, FloorAssumptions, FloorEstimate
from livingcircle.model.columns import BoolArray, FloatArray, TextArray
from livingcircle.sources.columns import number_column, text_column
from livingcircle.sources.layers import Layer

USES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class BuildingEstimate:
    """How residents of buildings in a layer are estimated: the assumptions, and the share of each use that is lived in.

    `residential_share` holds where neither a column nor a use says; a use that is not in `residential_shares` is no home.
    """

    assumed: FloorAssumptions
    residential_share: float = 1.0
    residential_shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Buildings:
    """What a layer says of its buildings (n,): levels and height, NaN where unknown, the use, and the share of it that is lived in."""

    levels: FloatArray
    height_metres: FloatArray
    use: TextArray
    share: FloatArray


def buildings_of(layer: Layer, columns: Mapping[str, str | None], estimate: BuildingEstimate) -> Buildings:
    """Read what a layer says of its buildings; levels that no building has are noted and unknown."""
    levels = number_column(layer, columns["levels"], "levels")
    height_metres = number_column(layer, columns["height_metres"], "metres")
    share = number_column(layer, columns["residential_share"], "share")
    for index in np.flatnonzero(share > 1):
        layer.note("share_above_one", index=index, column=columns["residential_share"] or "", value=f"{share[index]:g}")
    senseless = (levels == 0) | (levels > MOST_LEVELS)
    if senseless.any():
        layer.note("levels_senseless", column=columns["levels"] or "", count=int(senseless.sum()), most=MOST_LEVELS)
    use = text_column(layer, columns["use"])
    words, which = np.unique(use.astype(str), return_inverse=True)
    shares = {name.casefold(): value for name, value in estimate.residential_shares.items()}
    by_use = np.array([estimate.residential_share if not word else shares.get(word.casefold(), 0.0) for word in words])
    return Buildings(
        np.where(senseless, np.nan, levels),
        height_metres,
        use,
        np.where(np.isnan(share), by_use[which] if len(words) else share, share),
    )


def note_estimate(
    layer: Layer, estimate: BuildingEstimate, guess: FloorEstimate, by_levels: BoolArray, estimated: BoolArray
) -> None:
    """Note how many rows are estimated; of those whose floor area is not stated, where their levels come from."""
    if estimated.any():
        layer.note(
            "residents_from_floor",
            count=int(estimated.sum()),
            from_height=int((estimated & by_levels & guess.from_height).sum()),
            from_default=int((estimated & by_levels & guess.from_default).sum()),
            floor_m2_per_resident=estimate.assumed.floor_m2_per_resident,
            metres_per_level=estimate.assumed.metres_per_level,
            default_levels=estimate.assumed.default_levels,
            residential_share=estimate.residential_share,
        )


def note_not_lived_in(layer: Layer, buildings: Buildings, left_out: BoolArray) -> None:
    """Note the buildings that are no homes, with their uses."""
    if not left_out.any():
        return
    words, count = np.unique(buildings.use[left_out].astype(str), return_counts=True)
    most = np.argsort(-count, kind="stable")[:USES_SHOWN]
    uses = ", ".join(f"{words[word] or '—'} × {count[word]}" for word in most) + ("…" if len(words) > len(most) else "")
    layer.note("buildings_not_lived_in", count=int(left_out.sum()), uses=uses)
