"""From what an extract holds to what is walked in it: ways of a walked kind, what is known of their nodes, and squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from livingcircle.model.columns import BoolArray
from livingcircle.sources.extract import TaggedWays
from livingcircle.sources.roads import crossing_kind, shuts_out
from livingcircle.sources.street_pieces import Outlines, Ways, closed_ways
from livingcircle.sources.street_traits import StreetTraits, street_traits

if TYPE_CHECKING:
    from numpy.typing import NDArray


def walked_ways(extract: TaggedWays) -> Ways:
    """Return the ways of a walked kind. A way of no such kind that bounds a square together with others is walked as the square is."""
    traits = street_traits(extract.tag_sets)
    trait = extract.tag_set.copy()
    relation, member = _members(extract)
    lent_trait = extract.relations.tag_set[relation]
    lent = traits.kind[lent_trait] & ~traits.kind[trait[member]]
    trait[member[lent][::-1]] = lent_trait[lent][::-1]  # between two squares the one with the lower number counts
    kept = traits.kind[trait]
    counts = np.diff(extract.first)
    reference = np.repeat(kept, counts)
    crossing, closed = np.zeros(len(traits), np.int8), np.zeros(len(traits), bool)
    for number in np.unique(extract.node_tag_set).tolist():
        tags = extract.tag_sets[number]
        crossing[number], closed[number] = crossing_kind(tags), shuts_out(tags)
    marked = ((crossing > 0) | closed)[extract.node_tag_set]
    return Ways(
        ids=extract.ids[kept],
        trait=trait[kept],
        traits=traits,
        first=_offsets(counts[kept]),
        node=extract.node[reference],
        lon=extract.lon[reference],
        lat=extract.lat[reference],
        marked=extract.node_ids[marked],
        crossing=crossing[extract.node_tag_set[marked]],
        closed=closed[extract.node_tag_set[marked]],
        squares=_squares(extract, traits, relation, member, np.cumsum(kept) - 1),
        bounds=extract.bounds,
    )


def _squares(
    extract: TaggedWays,
    traits: StreetTraits,
    relation: NDArray[np.intp],
    member: NDArray[np.intp],
    position: NDArray[np.intp],
) -> Outlines:
    """Return the squares of one closed way, and the multipolygons of several; `position` is where a way is among those kept."""
    of_square = (traits.kind & traits.walked)[extract.relations.tag_set]
    held = np.bincount(relation, minlength=len(extract.relations))
    of_square &= held == np.diff(extract.relations.first)
    member, relation = member[of_square[relation]], relation[of_square[relation]]
    alone = closed_ways(extract.first, extract.node)
    alone &= (traits.kind & traits.walked & traits.area)[extract.tag_set]
    alone[member] = False  # the multipolygon knows the holes that one of its ways by itself does not
    single = np.flatnonzero(alone)
    return Outlines(
        trait=np.concatenate([extract.tag_set[single], extract.relations.tag_set[of_square]]),
        first=_offsets(np.concatenate([np.ones(len(single), np.int64), held[of_square]])),
        way=position[np.concatenate([single, member])],
    )


def _members(extract: TaggedWays) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of a multipolygon and a way of it that the file holds, as positions."""
    relations = extract.relations
    relation = np.repeat(np.arange(len(relations)), np.diff(relations.first))
    position = np.searchsorted(extract.ids, relations.way)
    held: BoolArray = position < len(extract)
    held[held] = extract.ids[position[held]] == relations.way[held]
    return relation[held], position[held]


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
