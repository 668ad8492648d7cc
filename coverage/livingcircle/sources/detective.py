"""The detective: whether the places of a layer lie where their coordinates say, or where another datum would put them.

Shops stand beside streets, not on them, and in buildings; buildings are not crossed by streets; what another source calls by the
same name is nearby. Each is a question with yes or no for every place; the *score* of a layer is the mean of its answers, weighed. It is
taken as the layer was read, as it would be in each other datum, and for up to forty-eight copies of the layer moved as far in other
directions, where nothing can be right. How many standard deviations of those copies a score stands above their mean is its *strength*:
blocks of equal size, a dense city or places in a cluster make the copies score alike, and so cannot make a wrong datum look right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.datum import DATUM_NAMES, Datum, converted
from livingcircle.sources.layers import Layer
from livingcircle.sources.projection import projected, unprojected

STRONG, WEAK, AHEAD = 4.0, 2.5, 3.0
"""A datum is suspected when it is this strong, the one the layer was read in at most so weak, and the difference at least so large."""
LARGEST_SAMPLE = 500
FEWEST = 8
"""Of fewer places nothing is said."""

_DIRECTIONS, _APART_METRES, _LEAST_OFFSET_METRES = 24, 150.0, 30.0
_NEAR, _OFF = 1.25, 0.2
"""A place is near a street within this many times the median distance of the copies, and off the carriageway from that many on."""
_SAME_NAME_METRES, _NEARBY_METRES = 80.0, 150.0
_LEAST_WITHIN = 0.2
"""A reading that leaves fewer of the places near any street at all tells nothing."""
_FEWEST_COPIES = 12
_EXAMPLES = 5
_OF_WEB_MAPS = (4326, 3857)
_WEIGHTS = {"near": 1.0, "off": 0.5, "inside": 2.0, "uncrossed": 2.0, "same_name": 3.0}
_READ_AS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
_IN_DEGREES: Mapping[Datum, Datum] = {"bd09mc": "bd09", "cgcs2000": "wgs84"}


@dataclass(frozen=True, slots=True, eq=False)
class Witnesses:
    """What is known to be where it is, in metres of the study's coordinate reference system.

    `streets` are lines, `footprints` areas of buildings, `names` (k,) those of the places at `named_xy` (k, 2). All but streets may be
    empty.
    """

    crs: str
    streets: shapely.STRtree
    footprints: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]))
    names: TextArray = field(default_factory=lambda: np.empty(0, object))
    named_xy: FloatArray = field(default_factory=lambda: np.empty((0, 2)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the places of a layer lie under one reading.

    `strength` counts standard deviations above the copies. `inside` (a footprint) and `uncrossed` (by streets) are shares of the places
    that lie where there are streets at all (NaN where nobody can tell), `same_name` counts those with a namesake nearby.
    """

    strength: float
    street_metres: float
    inside: float
    uncrossed: float
    same_name: int


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """A layer that looks as if it were in `datum`; `mixed` where only part of its rows do, of which `rows` are the clearest."""

    datum: Datum
    metres: float
    places: int
    as_read: Evidence
    as_suspected: Evidence
    mixed: bool
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A layer that lies as well in `datum`, `metres` away, as where it was read, for all that the witnesses know."""

    datum: Datum
    metres: float
    places: int
    as_read: float
    as_other: float


def cross_examined(layer: Layer, witnesses: Witnesses) -> Fault | None:
    """Return what is to be said of the datum of a layer that was opened: a warning, a fault where it is mixed, or nothing.

    Where its datum was not stated and its places do not tell, that is a note. Of large layers a sample of `LARGEST_SAMPLE` rows is looked
    at.
    """
    frame, source = layer.frame, layer.source
    if layer.faults or source is None or frame.crs is None:
        return None
    every: GeometryArray = np.array(frame.geometry.to_numpy(), dtype=object)
    rows = np.flatnonzero(np.isin(shapely.get_dimensions(every), (0, 2)) & ~shapely.is_empty(every))
    if len(rows) > LARGEST_SAMPLE:
        rows = np.sort(np.random.default_rng(0).choice(rows, LARGEST_SAMPLE, replace=False))
    column = layer.columns.get("name")
    sample = frame.iloc[rows]
    cells = sample[column].fillna("").astype(str).tolist() if column in frame.columns else [""] * len(rows)
    geometry: GeometryArray = np.array(sample.geometry.to_crs(witnesses.crs).to_numpy(), dtype=object)
    found = _examined(geometry, np.array(cells, object), source.datum or "wgs84", witnesses)
    if isinstance(found, Doubt):
        return _untold(layer, found)
    if found is None:
        return None
    zh, en = _told(found)
    details: dict[str, str | float] = {
        "datum": found.datum,
        "name": DATUM_NAMES[found.datum],
        "as_read": DATUM_NAMES[source.datum or "wgs84"],
        "metres": found.metres,
        "places": found.places,
        "evidence_zh": zh,
        "evidence_en": en,
        "rows": ", ".join(str(layer.row(rows[row])) for row in found.rows),
    }
    return Fault("mixed_datum" if found.mixed else "looks_like_datum", file=layer.file, details=details)


def _untold(layer: Layer, found: Doubt) -> Fault | None:
    """Say that the places do not tell, unless somebody does: a file in a surveyor's system is not offset."""
    crs = layer.frame.crs
    if layer.source is None or layer.source.datum is not None or crs is None or crs.to_epsg() not in _OF_WEB_MAPS:
        return None
    details: dict[str, str | float] = {
        "name": DATUM_NAMES[found.datum],
        "as_read": DATUM_NAMES["wgs84"],
        "metres": found.metres,
        "places": found.places,
        "strength_read": found.as_read,
        "strength_other": found.as_other,
    }
    return Fault("datum_not_told", file=layer.file, details=details)


def _told(found: Suspicion) -> tuple[str, str]:
    """Tell the evidence in both languages: each figure as read, and as it would be."""
    before, after = found.as_read, found.as_suspected
    zh = [f"距最近街道的中位数 {before.street_metres:.0f} 米 → {after.street_metres:.0f} 米"]
    en = [f"median distance to a street {before.street_metres:.0f} m → {after.street_metres:.0f} m"]
    for told_zh, told_en, one, other in (
        ("位于建筑轮廓内", "inside a footprint", before.inside, after.inside),
        ("面不与街道相交", "areas not crossed by a street", before.uncrossed, after.uncrossed),
    ):
        if not np.isnan(one + other):
            zh.append(f"{told_zh} {one:.0%} → {other:.0%}")
            en.append(f"{told_en} {one:.0%} → {other:.0%}")
    if before.same_name or after.same_name:
        zh.append(f"附近有同名地点 {before.same_name} 处 → {after.same_name} 处")
        en.append(f"places with a namesake nearby {before.same_name} → {after.same_name}")
    zh.append(f"证据强度 {before.strength:.1f} → {after.strength:.1f} 倍标准差")
    en.append(f"strength {before.strength:.1f} → {after.strength:.1f} standard deviations")
    return "，".join(zh), ", ".join(en)


def is_offset_here(streets: StreetEdges) -> bool:
    """Return whether the datums differ where the streets are: they do in China."""
    xy = np.median(streets.node_xy, axis=0)[None]
    lon, lat = unprojected(xy, streets.crs)
    return _typical(projected(*converted(lon, lat, "gcj02"), streets.crs) - xy) > _LEAST_OFFSET_METRES


def suspicion(geometry: GeometryArray, names: TextArray, datum: Datum, witnesses: Witnesses) -> Suspicion | None:
    """Return in which other datum a layer looks to be, None where it does not.

    Parameters
    ----------
    geometry
        Points or areas (n,) in the study's system, as they were read; none missing.
    names
        What they are called (n,), `""` where unknown.
    datum
        The datum they were read in.
    witnesses
        What they are compared with; of streets there must be some.
    """
    found = _examined(geometry, names, datum, witnesses)
    return found if isinstance(found, Suspicion) else None


def _examined(
    geometry: GeometryArray, names: TextArray, datum: Datum, witnesses: Witnesses
) -> Suspicion | Doubt | None:
    """Return what was found; None where the layer lies where it was read, or nothing can be asked."""
    if len(geometry) < FEWEST or not len(witnesses.streets):
        return None
    xy: FloatArray = shapely.get_coordinates(shapely.point_on_surface(geometry))
    lon, lat = unprojected(xy, witnesses.crs)
    read_as = _IN_DEGREES.get(datum, datum)
    moves: dict[Datum, FloatArray] = {}
    for other in _READ_AS:
        move = projected(*converted(*converted(lon, lat, "wgs84", read_as), other), witnesses.crs) - xy
        if _typical(move) > _LEAST_OFFSET_METRES:
            moves[other] = move
    if not moves:
        return None  # outside China, or nothing to tell apart
    court = _Court(witnesses, geometry, xy, names)
    copies = _copies(list(moves.values()))
    court.hear(copies)
    if court.copies < _FEWEST_COPIES:
        return None
    as_read = court.evidence(np.zeros((1, 2)))
    heard = {other: court.evidence(move) for other, move in moves.items()}
    likeliest = max(heard, key=lambda other: heard[other].strength)
    there = heard[likeliest]
    here, moved = court.scores(court.answers(np.zeros((1, 2)))), court.scores(court.answers(moves[likeliest]))
    mixed = court.adds(moved, here) >= STRONG and court.adds(here, moved) >= STRONG
    alone = as_read.strength <= WEAK and there.strength >= STRONG and there.strength - as_read.strength >= AHEAD
    if not (mixed or alone):
        if as_read.strength >= STRONG or as_read.strength - there.strength >= AHEAD:
            return None
        return Doubt(likeliest, _typical(moves[likeliest]), len(xy), as_read.strength, there.strength)
    clearest = np.sort(np.argsort(here - moved, kind="stable")[:_EXAMPLES])
    return Suspicion(likeliest, _typical(moves[likeliest]), len(xy), as_read, there, mixed, tuple(clearest.tolist()))


def _typical(move: FloatArray) -> float:
    return float(np.median(np.hypot(*move.T)))


def _copies(moves: Sequence[FloatArray]) -> FloatArray:
    """Return moves (k, 2) as long as those suspected in all directions, but near none of them and not back to where the layer is."""
    turns = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    around = np.column_stack([np.cos(turns), np.sin(turns)])
    every = np.concatenate([_typical(move) * around for move in moves])
    suspected = np.array([np.median(move, axis=0) for move in moves])
    apart = np.hypot(*(every[:, None] - suspected[None]).transpose(2, 0, 1)).min(axis=1)
    chosen: FloatArray = every[apart > _APART_METRES]
    return chosen


_MOST_NAMESAKES = 20


def _namesakes(names: TextArray, witnesses: Witnesses) -> tuple[IntArray, FloatArray]:
    """Pair each place with the witnesses of its name: positions (p,), and where those are (p, 2); names of whole chains tell nothing."""
    known: dict[str, list[int]] = {}
    for position, name in enumerate(witnesses.names):
        if name:
            known.setdefault(_plain(name), []).append(position)
    pairs = [
        (place, position)
        for place, name in enumerate(names)
        if name and len(found := known.get(_plain(name), [])) <= _MOST_NAMESAKES
        for position in found
    ]
    found_pairs = np.array(pairs, np.int32).reshape(-1, 2)
    return found_pairs[:, 0], witnesses.named_xy[found_pairs[:, 1]]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())


class _Court:
    """The witnesses, indexed, and the places they are asked about (n,)."""

    def __init__(self, witnesses: Witnesses, geometry: GeometryArray, xy: FloatArray, names: TextArray) -> None:
        self.geometry = geometry
        self.xy = xy
        self.streets = witnesses.streets
        self.footprints = witnesses.footprints
        self.area = shapely.get_dimensions(geometry) == 2
        self.namesakes = _namesakes(names, witnesses)
        self.near_metres = self.off_metres = 0.0
        self.mean, self.deviation, self.copies = 0.0, 1.0, 0
        self.of_copies: list[FloatArray] = []

    def hear(self, copies: FloatArray) -> None:
        """Learn from copies of the layer, moved (k, 2), what chance alone gives."""
        distances = np.concatenate([self.street_metres(move, _NEARBY_METRES) for move in copies[::4]])
        near = distances[distances < _NEARBY_METRES]
        typical = float(np.median(near)) if len(near) else _NEARBY_METRES
        self.near_metres, self.off_metres = _NEAR * typical, _OFF * typical
        answers = [said for move in copies if (said := self.answers(move))["within"].mean() >= _LEAST_WITHIN]
        scores = [self.score(said) for said in answers]
        self.copies = len(scores)
        self.of_copies = [self.scores(said) for said in answers]
        if self.copies < _FEWEST_COPIES:
            return
        chance = 0.0
        for question, weight in _WEIGHTS.items():
            if question in answers[0]:
                share = np.mean([said[question][said["within"]].mean() for said in answers])
                share = min(max(share, 1 / len(self.xy)), 1 - 1 / len(self.xy))
                chance += weight**2 * share * (1 - share) / len(self.xy)
        self.mean = float(np.mean(scores))
        self.deviation = max(float(np.std(scores, ddof=1)), float(np.sqrt(chance)))

    def street_metres(self, move: FloatArray, limit: float | None = None) -> FloatArray:
        """Return how far each place is from the nearest street once moved, infinity beyond the limit."""
        (place, _), found = self.streets.query_nearest(
            shapely.points(self.xy + move), max_distance=limit, return_distance=True, all_matches=False
        )
        metres: FloatArray = np.full(len(self.xy), np.inf)
        metres[place] = found
        return metres

    def answers(self, move: FloatArray) -> dict[str, BoolArray]:
        """Return what each witness says of each place once moved."""
        metres = self.street_metres(move, _NEARBY_METRES)
        at: GeometryArray = np.asarray(shapely.points(self.xy + move), object)
        found: dict[str, BoolArray] = {
            "within": metres < _NEARBY_METRES,
            "near": metres <= self.near_metres,
            "off": (metres >= self.off_metres) & np.isfinite(metres),
        }
        if len(self.footprints):
            found["inside"] = self._met(self.footprints, at)
        if self.area.any():
            move = np.broadcast_to(move, self.xy.shape)
            corners, owner = shapely.get_coordinates(self.geometry, return_index=True)
            areas = shapely.set_coordinates(self.geometry.copy(), corners + move[owner])
            found["uncrossed"] = self.area & ~self._met(self.streets, areas) & np.isfinite(metres)
        if len(self.namesakes[0]):
            place, namesake_xy = self.namesakes
            there = np.broadcast_to(self.xy + move, self.xy.shape)[place]
            near = np.hypot(*(namesake_xy - there).T) < _SAME_NAME_METRES
            found["same_name"] = np.isin(np.arange(len(self.xy)), place[near])
        return found

    @staticmethod
    def scores(said: Mapping[str, BoolArray]) -> FloatArray:
        """Return the weighed answers for each place (n,)."""
        weighed: FloatArray = np.sum(
            [weight * said[asked] for asked, weight in _WEIGHTS.items() if asked in said], axis=0
        )
        return weighed

    def score(self, said: Mapping[str, BoolArray]) -> float:
        """Return the mean over the places that are where there are data at all."""
        return float(self.scores(said)[said["within"]].mean()) if said["within"].any() else 0.0

    def adds(self, more: FloatArray, scores: FloatArray) -> float:
        """Return how much better places are explained by the better of two readings (n,) than by one of them and a copy, in deviations."""
        with_copy = np.array([np.maximum(scores, copy) for copy in self.of_copies])
        means = with_copy.mean(axis=1)
        chance = float(with_copy.std(axis=1).mean()) / np.sqrt(len(scores))
        deviation = max(float(means.std(ddof=1)), chance)
        return float((np.maximum(scores, more).mean() - means.mean()) / deviation) if deviation > 0 else 0.0

    def evidence(self, move: FloatArray) -> Evidence:
        """Sum up what is heard of one reading."""
        said = self.answers(move)
        shares = {
            asked: float(answer[said["within"]].mean()) if said["within"].any() else 0.0
            for asked, answer in said.items()
        }
        return Evidence(
            strength=(self.score(said) - self.mean) / self.deviation if said["within"].mean() >= _LEAST_WITHIN else 0.0,
            street_metres=float(np.median(self.street_metres(move))),
            inside=shares.get("inside", np.nan),
            uncrossed=shares.get("uncrossed", np.nan),
            same_name=int(said["same_name"].sum()) if "same_name" in said else 0,
        )

    @staticmethod
    def _met(tree: shapely.STRtree, geometry: GeometryArray) -> BoolArray:
        met: BoolArray = np.zeros(len(geometry), bool)
        met[tree.query(geometry, predicate="intersects")[0]] = True
        return met
