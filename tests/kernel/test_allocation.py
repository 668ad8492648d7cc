"""Who finds a place: by hand, against another solver, and in any order."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel import allocation
from livingcircle.kernel.allocation import allocate
from town import reach_rows

LIMIT = 900.0


def given_places(walks, supply, demand):
    return allocate(reach_rows(walks, LIMIT), np.array(supply, float), np.array(demand, float), LIMIT)


def test_all_go_to_the_nearest_where_there_is_room():
    found = given_places([[100, 300], [200, 50]], [10, 10], [4, 6])
    assert found.filled.tolist() == [4, 6]
    assert found.served.tolist() == [4, 6]
    assert found.walk_seconds.tolist() == [100, 50]
    assert found.person_seconds == 4 * 100 + 6 * 50


def test_those_with_another_facility_near_make_room_for_those_without():
    # The second home has only the near facility; the first, which is nearer to it, walks 800 s so that nobody is turned away.
    found = given_places([[10, 500], [800, np.inf]], [5, 5], [5, 5])
    assert found.served.tolist() == [5, 5]
    assert found.filled.tolist() == [5, 5]
    assert found.person_seconds == 5 * 500 + 5 * 800


def test_a_chain_of_displacements_is_worth_one_more_place():
    # Each home may move on to the next facility; only if all do is there room for the last one, though each walks far more.
    far = np.inf
    walks = [[1, far, far, 1], [900, 1, far, far], [far, 900, 1, far], [far, far, 900, far]]
    found = given_places(walks, [1, 1, 1, 1], [1, 1, 1, 1])
    assert found.served.tolist() == [1, 1, 1, 1]


def test_homes_with_the_same_walks_get_the_same_share():
    found = given_places([[100, 100, 100]], [6], [2, 4, 6])
    assert found.served.tolist() == [1, 2, 3]


def test_facilities_of_unknown_supply_take_no_part():
    found = given_places([[10, 10], [600, 700]], [np.nan, 3], [1, 1])
    assert np.isnan(found.filled[0])
    assert found.filled[1] == 2
    assert np.isnan(found.walk_seconds[0])


def test_nobody_in_reach():
    found = given_places([[np.inf, np.inf]], [5], [1, 2])
    assert found.served.tolist() == [0, 0]
    assert found.filled.tolist() == [0]


problems = st.tuples(st.integers(1, 4), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(
        st.lists(
            st.lists(st.sampled_from([20.0, 100, 250, 480, 900, np.inf]), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        ),
        st.lists(st.integers(0, 6), min_size=shape[0], max_size=shape[0]),
        st.lists(st.integers(0, 5), min_size=shape[1], max_size=shape[1]),
    )
)


@given(problem=problems)
def test_as_many_and_as_near_as_a_flow_of_minimum_cost(problem):
    walks, supply, demand = problem
    found = given_places(walks, supply, demand)
    served, walked = _flow(walks, supply, demand)
    assert found.served.sum() == pytest.approx(served)
    assert found.person_seconds == pytest.approx(walked)
    assert (found.served <= np.array(demand) + 1e-9).all()
    assert (found.filled <= np.array(supply) + 1e-9).all()
    assert found.filled.sum() == pytest.approx(found.served.sum())


def _flow(walks, supply, demand):
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for home, people in enumerate(demand):
        graph.add_edge("from", ("home", home), capacity=people, weight=0)
    for facility, places in enumerate(supply):
        graph.add_edge(("facility", facility), "to", capacity=places, weight=0)
        for home, seconds in enumerate(walks[facility]):
            if seconds <= LIMIT:
                graph.add_edge(("home", home), ("facility", facility), weight=int(seconds))
    flow = nx.max_flow_min_cost(graph, "from", "to")
    return sum(flow["from"].values()), nx.cost_of_flow(graph, flow)


@given(problem=problems, data=st.data())
def test_no_order_decides_who_finds_a_place(problem, data):
    walks, supply, demand = (np.array(part, float) for part in problem)
    found = given_places(walks, supply, demand)
    homes = np.array(data.draw(st.permutations(range(len(demand)))))
    facilities = np.array(data.draw(st.permutations(range(len(supply)))))
    again = given_places(walks[facilities][:, homes], supply[facilities], demand[homes])
    assert again.served.sum() == pytest.approx(found.served.sum())
    assert again.person_seconds == pytest.approx(found.person_seconds)
    if len(np.unique(supply)) == len(supply):  # facilities that differ in nothing may stand for each other
        assert again.served == pytest.approx(found.served[homes])


@pytest.mark.parametrize("share", [0.5, 0.9, 1.2])
def test_chains_of_displacements_are_as_good_as_the_linear_program(monkeypatch, share):
    chance = np.random.default_rng(3)
    walks = np.where(chance.random((15, 400)) < 0.4, np.round(chance.uniform(20, 900, (15, 400)) * 20) / 20, np.inf)
    demand = chance.integers(0, 9, 400) * 0.05
    supply = chance.dirichlet(np.full(15, 2.0)) * demand.sum() * share
    chains = given_places(walks, supply, demand)
    monkeypatch.setattr(allocation, "_compiled", lambda: None)
    program = given_places(walks, supply, demand)
    assert chains.served.sum() == pytest.approx(program.served.sum())
    assert chains.person_seconds == pytest.approx(program.person_seconds)


def test_beginning_with_few_pairs_changes_nothing(monkeypatch):
    monkeypatch.setattr(allocation, "_compiled", lambda: None)
    chance = np.random.default_rng(7)
    walks = np.where(chance.random((12, 200)) < 0.6, chance.integers(20, 900, (12, 200)), np.inf)
    supply, demand = chance.integers(5, 80, 12), chance.integers(0, 9, 200)
    few = given_places(walks, supply, demand)
    monkeypatch.setattr(allocation, "NEAREST_FIRST", 12)
    every = given_places(walks, supply, demand)
    assert few.served.sum() == pytest.approx(every.served.sum())
    assert few.person_seconds == pytest.approx(every.person_seconds)
