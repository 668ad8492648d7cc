"""Walks to a service in classes of its own limits: blue is within them, orange with a rim beyond, whatever the limits are.

Lightness tells how long a walk is and the rim that a limit is missed, so that a map also reads in grey. Walks are in minutes, or in metres
where the standard writes the limits of the service so; then they are those by which limits in metres are judged.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livingcircle.faults import Language
from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.standard import Requirement
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import Key
from livingcircle.render.words import (
    MISSED,
    NOWHERE,
    PARTLY_WITHIN,
    PAST_LIMIT,
    UNJOINED,
    WITHIN_LIMIT,
    minute_colours,
    say,
    shown_limit,
    shown_share,
)


class WalkClasses(NamedTuple):
    """The class of every home (r,), the line of the legend for every class, and whether walks are told in metres."""

    of_home: IntArray
    keys: tuple[Key, ...]
    in_metres: bool


class _Edge(NamedTuple):
    """Where a class ends: seconds of the walk, and the minutes or metres that people say."""

    seconds: float
    length: float


def walk_classes(of: Material, number: int) -> WalkClasses:
    """Divide homes by their walk to the service at this position, for which the standard sets a limit or several.

    Blue homes keep to all of them; those that keep to some only are a class of their own.
    """
    study, found = of.results.study, of.results.assessment
    asked = [one for one in study.standard.requirements if one.service == study.standard.services[number].id]
    in_metres = all(one.limit_metres is not None for one in asked)
    plain = found.reach.seconds if found.plain_seconds is None else found.plain_seconds
    walks = {False: found.reach.seconds[number], True: plain[number]}
    met = np.array([covered(walks[one.limit_metres is not None], one.limit_seconds) for one in asked])
    near, far = _edges(asked, () if in_metres else found.shown_limits_seconds, in_metres=in_metres)
    seconds, some = walks[in_metres], len(near)
    nowhere = some + 1 + len(far)
    classes = np.where(
        met.all(axis=0), _past(seconds, near[:-1]), np.where(met.any(axis=0), some, some + 1 + _past(seconds, far[1:]))
    )
    classes = np.where(np.isnan(seconds), nowhere + 1, np.where(np.isinf(seconds), nowhere, classes)).astype(np.int32)
    blues = WITHIN_LIMIT[:some] if some <= len(WITHIN_LIMIT) else minute_colours(some)
    oranges = [PAST_LIMIT[min(place, len(PAST_LIMIT) - 1)] for place in range(len(far))]
    looks = (
        *zip(_said(None, near, of.language, in_metres=in_metres), blues, itertools.repeat("")),
        (say("print.walk_some", of.language), PARTLY_WITHIN, MISSED),
        *zip(_said(far[0], far[1:], of.language, in_metres=in_metres), oranges, itertools.repeat(MISSED)),
        (say("print.walk_nowhere", of.language), NOWHERE, MISSED),
        (say("map.unjoined", of.language), UNJOINED, ""),
    )
    people = np.bincount(classes, study.homes.residents, len(looks))
    shares = people / people.sum() if people.sum() else np.full(len(looks), np.nan)
    keys = tuple(
        Key(text, colour, figure=shown_share(float(share)), rim=rim)
        for (text, colour, rim), share in zip(looks, shares, strict=True)
    )
    return WalkClasses(classes, keys, in_metres)


def _edges(asked: Sequence[Requirement], shown: Sequence[float], *, in_metres: bool) -> tuple[list[_Edge], list[_Edge]]:
    """Return where classes end up to the strictest limit, and from the longest one on; half and twice them where none are shown."""
    own = sorted(
        _Edge(one.limit_seconds, one.limit_metres or one.limit_minutes)
        for one in asked
        if in_metres or one.limit_metres is None
    )
    first, last = own[0], own[-1]
    others = [_Edge(one, one / 60) for one in shown]
    others = others or [_Edge(first.seconds / 2, first.length / 2), _Edge(2 * last.seconds, 2 * last.length)]
    near = [one for one in others if one.seconds < first.seconds]
    return [*near, first], [last, *(one for one in others if one.seconds > last.seconds)]


def _past(seconds: FloatArray, edges: Sequence[_Edge]) -> IntArray:
    """(r,) how many edges each walk is longer than."""
    longer = [~covered(seconds, one.seconds) for one in edges]
    return np.asarray(np.sum(longer, axis=0) + np.zeros(len(seconds)), np.int32)


def _said(start: _Edge | None, ends: Sequence[_Edge], language: Language, *, in_metres: bool) -> list[str]:
    """Say classes that end at `ends`; they begin at `start` and go on beyond the last end, or begin at nothing and end there."""

    def limit(edge: _Edge) -> str:
        return shown_limit(edge.length, edge.length if in_metres else None, language)

    def bare(edge: _Edge) -> str:
        return limit(edge).split()[0]

    steps = itertools.pairwise(ends if start is None else [start, *ends])
    between = [say("print.between", language, low=bare(low), high=limit(high)) for low, high in steps]
    if start is None:
        return [say("print.up_to", language, high=limit(ends[0])), *between]
    return [*between, say("print.over", language, low=limit([start, *ends][-1]))]
