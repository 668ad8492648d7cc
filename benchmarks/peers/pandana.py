"""Pandana: contraction hierarchies for the nearest places, range queries for sums; `precompute` keeps the ranges of all junctions.

Weights go in as whole ticks, which it keeps in thousandths, so its answers are exact here. Places are given by the coordinates of their
junction. It reports what is farther than the limit as `max_distance`, so that is set beyond every limit.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pandana
import pandas as pd

from benchmarks.town import FEW, LIMIT_TICKS

VERSION = version("pandana")
BEYOND = 10 * LIMIT_TICKS


def prepare(town):
    """Build the network with its contraction hierarchy."""
    x, y = pd.Series(town.xy[:, 0]), pd.Series(town.xy[:, 1])
    weights = pd.DataFrame({"ticks": town.ticks.astype(float)})
    return pandana.Network(x, y, pd.Series(town.tail), pd.Series(town.head), weights, twoway=True)


def nearest(network, town):
    """Nearest places, service by service."""
    return _nearest(network, town, 1, include_poi_ids=False)


def nearest_which(network, town):
    """The same with the numbers of the places, as our own search tells them."""
    return _nearest(network, town, 1, include_poi_ids=True)


def few(network, town):
    """The five nearest, without their numbers."""
    return _nearest(network, town, FEW, include_poi_ids=False)


def rows(network, town):
    """What each origin reaches."""
    found = network.nodes_in_range(town.origins, LIMIT_TICKS)

    def tell():
        position = pd.Series(np.arange(len(town.origins)), index=town.origins)
        columns = position[found["source"]], found["destination"], found["ticks"]
        return tuple(column.to_numpy().astype(np.int64) for column in columns)

    return tell


def counts(network, town):
    """Facilities around every junction, service by service."""
    found = []
    for places in town.facility:
        network.set(pd.Series(places), name="places")
        found.append(network.aggregate(LIMIT_TICKS, type="count", decay="flat", name="places"))
    return lambda: np.stack([column.to_numpy() for column in found])


def people(network, town):
    """People around every junction."""
    network.set(pd.Series(np.arange(town.nodes)), variable=pd.Series(town.people.astype(float)), name="people")
    found = network.aggregate(LIMIT_TICKS, type="sum", decay="flat", name="people")
    return found.to_numpy


def precompute(network, _town):
    """Keep the ranges of all junctions; sums are faster from here on."""
    network.precompute(LIMIT_TICKS)


def counts_again(network, town):
    """Facilities, once ranges are kept."""
    return counts(network, town)


def people_again(network, town):
    """People, once ranges are kept."""
    return people(network, town)


def _nearest(network, town, how_many, *, include_poi_ids):
    found = []
    for service, places in enumerate(town.facility):
        x, y = (pd.Series(town.xy[places, axis]) for axis in (0, 1))
        network.set_pois(str(service), LIMIT_TICKS, how_many, x, y)
        found.append(
            network.nearest_pois(
                LIMIT_TICKS, str(service), how_many, max_distance=BEYOND, include_poi_ids=include_poi_ids
            ).to_numpy()[:, :how_many]
        )

    def tell():
        ticks = np.stack(found)
        ticks = np.where(ticks <= LIMIT_TICKS, ticks, -1).astype(np.int32)
        return ticks[..., 0] if how_many == 1 else ticks

    return tell
