"""How long lists of facilities take to tell and to merge: `python -m benchmarks.facilities`.

A million distinct names, a sixth of which a person would have to look at twice (公园路小学, 小学文具店), and two lists of 50,000 places
of one city that name the same places 17 m apart on average. Processor time in seconds, the better of two rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import shapely

from livingcircle.model.columns import TextArray
from livingcircle.model.places import Facilities
from livingcircle.sources.same_place import merge_facilities
from livingcircle.sources.service_types import classify
from livingcircle.sources.standards import read_services

NAMES, PLACES, CITY_METRES, SHIFT_METRES, MERGE_METRES = 1_000_000, 50_000, 12_000.0, 12.0, 50.0
KINDS = (
    "第一小学",
    "公园路小学",
    "幼儿园",
    "大药房",
    "便利店",
    "社区卫生服务站",
    "小学文具店",
    "人民公园公厕",
    "菜市场",
    "银行",
    "理发店",
    "老年活动室",
)


def names_of(count: int, rng: np.random.Generator) -> TextArray:
    """Return that many names, nearly all different."""
    places = rng.choice(list("金陵汉口中山北京玄武鼓楼长江珠苏州建邺"), (count, 5))
    return np.array(["".join(place) + KINDS[row % len(KINDS)] for row, place in enumerate(places.tolist())], object)


def two_lists(rng: np.random.Generator) -> Facilities:
    """Return two lists of the same places, the second a little off and with other words for the district and the door."""
    names = names_of(PLACES, rng)
    again = [(f"南京市{name}", f"{name}(东门)", name)[row % 3] for row, name in enumerate(names)]
    xy = rng.uniform(0, CITY_METRES, (PLACES, 2))
    both = np.concatenate([xy, xy + rng.normal(0, SHIFT_METRES, xy.shape)])
    serves = np.eye(len(KINDS), dtype=bool)[np.arange(PLACES) % len(KINDS)]
    return Facilities.plain(
        ids=np.arange(2 * PLACES).astype(str).astype(object),
        names=np.concatenate([names, np.array(again, object)]),
        xy=both,
        geometry=np.asarray(shapely.points(both), object),
        serves=np.concatenate([serves, serves]),
    )


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of the better of two rounds."""
    rounds = []
    for _ in range(2):
        started = time.process_time()
        work()
        rounds.append(time.process_time() - started)
    return min(rounds)


if __name__ == "__main__":
    generator = np.random.default_rng(1)
    services, names, lists = read_services(), names_of(NAMES, generator), two_lists(generator)
    source = np.repeat(np.arange(2, dtype=np.int32), PLACES)
    told = processor_seconds(lambda: classify(services, names))
    merged = processor_seconds(lambda: merge_facilities(lists, source, MERGE_METRES))
    found = len(merge_facilities(lists, source, MERGE_METRES)[1])
    print(f"{NAMES:,} names told: {told:.1f} s; {2 * PLACES:,} places merged: {merged:.1f} s, {found:,} pairs")
