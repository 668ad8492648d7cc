"""Searches from junction to junction: networkx as oracle, SciPy as second opinion, and what threads and cancelling must not change."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel import fallback, search
from livingcircle.kernel.impedance import Arcs
from livingcircle.kernel.seeds import LABEL, LONGEST_LANE_TICKS, UNREACHED, HomesMet, Seeds, Stops

NODES = 12


@st.composite
def directed_graphs(draw):
    """Arcs with parallel ones, loops, and lengths of zero."""
    arc = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 40))
    found = sorted(draw(st.lists(arc, max_size=40)))
    tails, heads, ticks = (
        (np.array(column, np.uint64) for column in zip(*found, strict=True)) if found else [np.empty(0, np.uint64)] * 3
    )
    indptr = np.searchsorted(tails, np.arange(NODES + 1)).astype(np.uint32)
    return Arcs(indptr, heads << np.uint64(32) | ticks)


@st.composite
def seed_lists(draw):
    rows = sorted(
        draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, NODES - 1), st.integers(0, 30)), max_size=12))
    )
    label, node, ticks = (
        (np.array(column, np.uint32) for column in zip(*rows, strict=True)) if rows else [np.empty(0, np.uint32)] * 3
    )
    return Seeds(node, ticks, label, 6)


limits = st.integers(0, 150)


def times(arcs: Arcs, seeds: Seeds, limit: int) -> np.ndarray:
    """Walk with networkx: ticks (labels, n) from every place, infinite beyond the limit."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(NODES))
    for tail in range(NODES):
        for arc in arcs.arc[arcs.indptr[tail] : arcs.indptr[tail + 1]].tolist():
            graph.add_edge(tail, arc >> 32, ticks=arc & (2**32 - 1))
    for node, ticks, label in zip(seeds.node.tolist(), seeds.ticks.tolist(), seeds.label.tolist(), strict=True):
        graph.add_edge(f"place {label}", node, ticks=ticks)
    found = np.full((seeds.labels, NODES), np.inf)
    for label in set(seeds.label.tolist()):
        for node, ticks in nx.single_source_dijkstra_path_length(graph, f"place {label}", weight="ticks").items():
            if not isinstance(node, str) and ticks <= limit:
                found[label, node] = ticks
    return found


def expected_keys(found: np.ndarray) -> np.ndarray:
    """Sort the keys of every junction: (n, labels)."""
    label = np.arange(len(found))[:, np.newaxis]
    keys = np.where(
        np.isfinite(found),
        np.nan_to_num(found, posinf=0).astype(np.uint64) << LABEL | label.astype(np.uint64),
        UNREACHED,
    )
    return np.sort(keys, axis=0).T


@pytest.mark.parametrize("by", [search, fallback], ids=["compiled", "scipy"])
@given(directed_graphs(), seed_lists(), limits)
def test_searches_equal_networkx_exactly(by, arcs, seeds, limit):
    found = times(arcs, seeds, limit)
    keys = expected_keys(found)
    assert np.array_equal(by.nearest(arcs, seeds, limit), keys[:, 0])
    assert np.array_equal(by.nearest_few(arcs, seeds, 3, limit), keys[:, :3])
    rows = by.rows(arcs, seeds, limit)
    again = np.full_like(found, np.inf)
    again[np.repeat(np.arange(seeds.labels), np.diff(rows.indptr)), rows.node] = rows.ticks
    assert np.array_equal(again, found)
    assert len(rows.node) == np.isfinite(found).sum()


@pytest.mark.parametrize("by", [search, fallback], ids=["compiled", "scipy"])
@given(directed_graphs(), st.lists(st.integers(0, 9), min_size=NODES, max_size=NODES), limits, st.data())
def test_sums_at_every_junction_count_every_weight_once(by, arcs, weight, limit, data):
    rows = data.draw(
        st.lists(st.tuples(*[st.integers(0, NODES - 1), st.integers(0, 60)] * 2, st.integers(1, 9)), max_size=5)
    )
    here, ticks, other, other_ticks, size = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.empty(0, int)] * 5
    )
    both = np.argsort(np.concatenate([here, other]), kind="stable")
    stops = Stops(
        np.concatenate([here, other])[both].astype(np.uint32),
        np.concatenate([ticks, other_ticks])[both].astype(np.int32),
        np.concatenate([other, here])[both].astype(np.uint32),
        np.concatenate([other_ticks, ticks])[both].astype(np.int32),
        (np.arange(2 * len(here)) < len(here))[both],
        np.concatenate([size, size])[both].astype(float),
    )
    own = np.arange(NODES, dtype=np.uint32)
    found = times(arcs, Seeds(own, np.zeros_like(own), own, NODES), limit)
    took = np.minimum(found[:, here] + ticks, found[:, other] + other_ticks)
    expected = np.isfinite(found) @ np.array(weight, float) + (took <= limit) @ size
    if by is search:
        assert np.array_equal(
            search.sums_at_every_junction(arcs, np.array(weight, float), limit, stops=stops), expected
        )
    else:
        assert np.array_equal(fallback.sums_at_every_junction(arcs, np.array(weight, float), limit, stops), expected)


@given(directed_graphs(), seed_lists(), limits, st.data())
def test_homes_met_by_compiled_code_are_those_met_by_scipy(arcs, seeds, limit, data):
    def some(count):
        row = np.sort(np.array(data.draw(st.lists(st.integers(0, count - 1), max_size=15)), int))
        home = data.draw(st.lists(st.integers(0, 7), min_size=len(row), max_size=len(row)))
        ticks = data.draw(st.lists(st.integers(0, 200), min_size=len(row), max_size=len(row)))
        indptr = np.searchsorted(row, np.arange(count + 1)).astype(np.int32)
        return HomesMet(indptr, np.array(home, np.int32), np.array(ticks, np.int32))

    at_junction, direct = some(NODES), some(seeds.labels)
    rows = search.rows(arcs, seeds, limit)
    by_loop = search.homes_met(rows, at_junction, direct, 8, limit)
    by_scipy = fallback.homes_met(rows, at_junction, direct, 8, limit)
    assert np.array_equal(by_loop.indptr, by_scipy.indptr)
    for first, last in zip(by_loop.indptr, by_loop.indptr[1:], strict=False):
        pairs = [sorted(zip(met.home[first:last], met.ticks[first:last], strict=True)) for met in (by_loop, by_scipy)]
        assert pairs[0] == pairs[1]


def test_without_numba_scipy_answers(monkeypatch):
    line = Arcs(np.array([0, 1, 2], np.uint32), np.array([1 << 32 | 5, 0 << 32 | 5], np.uint64))
    seeds = Seeds(np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros(1, np.uint32), 1)
    with_numba = search.nearest(line, seeds, 10)
    monkeypatch.setattr(search, "_compiled", lambda: None)
    monkeypatch.setattr(fallback, "nearest", lambda *_: "asked SciPy")
    assert search.nearest(line, seeds, 10) == "asked SciPy"
    assert (with_numba >> LABEL).tolist() == [0, 5]


def test_many_searches_in_a_row_do_not_remember_each_other():
    # Times count down from 2^32: with this limit they start again after four searches.
    limit = 2**30 - 1
    ring = Arcs(
        np.arange(6, dtype=np.uint32), (np.roll(np.arange(5), -1).astype(np.uint64) << np.uint64(32)) | np.uint64(10)
    )
    own = np.arange(5, dtype=np.uint32)
    seeds = Seeds(np.tile(own, 4), np.zeros(20, np.uint32), np.arange(20, dtype=np.uint32), 20)
    rows = search.rows(ring, seeds, limit)
    assert rows.ticks.tolist() == [0, 10, 20, 30, 40] * 20
    assert (search.nearest_few(ring, seeds, 20, limit)[0] >> LABEL).tolist() == sorted([0, 10, 20, 30, 40] * 4)


def test_large_heaps_grow():
    # A star: one junction with 5,000 arcs.
    arms = 5_000
    indptr = np.concatenate([[0], np.full(arms + 1, arms)]).astype(np.uint32)
    star = Arcs(indptr, (np.arange(1, arms + 1, dtype=np.uint64) << np.uint64(32)) | np.uint64(7))
    centre = Seeds(np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros(1, np.uint32), 1)
    assert len(search.rows(star, centre, 7).node) == arms + 1
    assert (search.nearest(star, centre, 7) < UNREACHED).all()
    assert (search.nearest_few(star, centre, 2, 7)[:, 0] < UNREACHED).all()
    assert search.sums_at_every_junction(star, np.ones(arms + 1), 7)[0] == arms + 1


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_is_told_and_may_stop_the_work(threads):
    told = []

    def stop_after_two(done, of):
        told.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(search.in_turn(lambda number: number, 9, threads, stop_after_two))
    assert told == [(1, 9), (2, 9)]
    assert list(search.in_turn(lambda number: number * number, 9, threads, None)) == [n * n for n in range(9)]


def test_threads_change_no_sum():
    side = 40
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([number[:, :-1], number[:, 1:]], -1).reshape(-1, 2),
            np.stack([number[:-1], number[1:]], -1).reshape(-1, 2),
        ]
    )
    tails, heads = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.argsort(tails, kind="stable")
    grid = Arcs(
        np.searchsorted(tails[order], np.arange(side * side + 1)).astype(np.uint32),
        heads[order].astype(np.uint64) << np.uint64(32) | np.uint64(10),
    )
    weight = np.random.default_rng(0).random(side * side)
    one, two = (search.sums_at_every_junction(grid, weight, 100, threads=threads) for threads in (1, 2))
    assert np.array_equal(one, two)
    own = np.arange(side * side, dtype=np.uint32)
    seeds = Seeds(own, np.zeros_like(own), own, len(own))
    sums = [search.sums(grid, seeds, weight[np.newaxis], 100, threads=threads) for threads in (1, 2)]
    assert np.array_equal(*sums)
    assert sums[0][0] == pytest.approx(one)


def test_a_limit_too_long_for_lanes_is_refused():
    with pytest.raises(ValueError, match="lane"):
        search.sums_at_every_junction(
            Arcs(np.zeros(2, np.uint32), np.empty(0, np.uint64)), np.ones(1), LONGEST_LANE_TICKS + 1
        )
