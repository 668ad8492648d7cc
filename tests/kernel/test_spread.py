from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.spread import spread


def test_a_cell_is_shared_by_weight():
    residents, unplaced = spread(
        np.array([90.0]), np.array([0, 0]), np.array([0, 1]), np.array([100.0, 200.0]), home_count=2
    )
    assert residents.tolist() == [30.0, 60.0]
    assert unplaced.tolist() == [0.0]


def test_a_home_in_two_cells_receives_from_both():
    cell, home = np.array([0, 1, 1]), np.array([0, 0, 1])
    residents, unplaced = spread(np.array([8.0, 16.0]), cell, home, np.array([5.0, 1.0, 3.0]), home_count=2)
    assert residents.tolist() == [8.0 + 4.0, 12.0]
    assert unplaced.tolist() == [0.0, 0.0]


def test_a_cell_without_homes_or_without_weight_places_nobody():
    residents, unplaced = spread(np.array([8.0, 16.0]), np.array([1]), np.array([0]), np.array([0.0]), home_count=2)
    assert residents.tolist() == [0.0, 0.0]
    assert unplaced.tolist() == [8.0, 16.0]


def test_no_pairs_at_all():
    empty = np.array([], dtype=np.int32)
    residents, unplaced = spread(np.array([8.0]), empty, empty, np.array([]), home_count=0)
    assert residents.shape == (0,)
    assert unplaced.tolist() == [8.0]


@st.composite
def overlays(draw):
    cells, homes = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    totals = draw(st.lists(st.floats(0, 1e7), min_size=cells, max_size=cells))
    pairs = draw(
        st.lists(
            st.tuples(
                st.integers(0, cells - 1), st.integers(0, homes - 1), st.one_of(st.just(0.0), st.floats(1e-300, 1e6))
            ),
            max_size=30,
        )
    )
    columns = [np.array(column) for column in zip(*pairs, strict=True)] or [np.array([], int)] * 2 + [np.array([])]
    return np.array(totals), *columns, homes


@given(overlays())
def test_totals_are_kept(overlay):
    totals, cell, home, weight, homes = overlay
    residents, unplaced = spread(totals, cell, home, weight, home_count=homes)
    assert (residents >= 0).all()
    assert np.isclose(residents.sum() + unplaced.sum(), totals.sum(), rtol=1e-12, atol=1e-9)


@given(overlays())
def test_every_cell_keeps_its_own_total(overlay):
    totals, cell, home, weight, homes = overlay
    for position in range(len(totals)):
        alone = np.where(np.arange(len(totals)) == position, totals, 0.0)
        residents, unplaced = spread(alone, cell, home, weight, home_count=homes)
        assert np.isclose(residents.sum() + unplaced.sum(), totals[position], rtol=1e-12)
        outside = np.setdiff1d(np.arange(homes), home[cell == position])
        assert not residents[outside].any()


@given(overlays(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(overlay, random):
    totals, cell, home, weight, homes = overlay
    order = list(range(len(cell)))
    random.shuffle(order)
    residents, _ = spread(totals, cell, home, weight, home_count=homes)
    shuffled, _ = spread(totals, cell[order], home[order], weight[order], home_count=homes)
    assert np.allclose(residents, shuffled, rtol=1e-12)
