import numpy as np
import pytest

from livingcircle.model.places import Homes
from livingcircle.render.squares import gather, median_seconds, percent_covered, weights
from small_town import objects, squares


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(7)
    count = 3000
    xy = rng.random((count, 2)) * 3000
    residents = rng.integers(0, 5, count) * (xy[:, 0] > 400)  # nobody is known to live in the west
    return Homes(
        ids=objects([str(number) for number in range(count)]),
        xy=xy,
        geometry=squares(xy, 10),
        residents=residents.astype(float),
        households=residents / 2.6,
        floor_m2=np.full(count, np.nan),
        footprint_m2=np.full(count, 100.0),
        district=np.full(count, -1, np.int32),
    )


@pytest.fixture(scope="module")
def walks(crowd):
    rng = np.random.default_rng(8)
    seconds = rng.integers(0, 2000, len(crowd)).astype(float)
    seconds[rng.random(len(crowd)) < 0.2] = np.inf
    seconds[rng.random(len(crowd)) < 0.1] = np.nan
    return seconds


def test_squares_grow_until_they_are_few_and_keep_everyone(crowd):
    found = gather(crowd, most=200)
    assert len(found) <= 200
    assert found.side_metres == 250
    assert found.residents.sum() == crowd.residents.sum()
    assert found.homes.sum() == len(crowd)
    assert gather(crowd).side_metres == 100


def test_median_and_share_against_plain_counting(crowd, walks):
    found = gather(crowd, most=200)
    weight = weights(crowd, found)
    median = median_seconds(walks, weight, found)
    percent = percent_covered(walks, 900, weight, found)
    for square in range(len(found)):
        own = found.square_of == square
        walk, people = walks[own], crowd.residents[own] if found.residents[square] else np.ones(own.sum())
        order = np.argsort(np.nan_to_num(walk, nan=1e9, posinf=1e8), kind="stable")
        expected = walk[order][np.searchsorted(np.cumsum(people[order]), people.sum() / 2)]
        np.testing.assert_equal(median[square], expected)
        share = people[walk <= 900].sum() / people.sum()
        assert abs(percent[square] - 100 * share) <= 1
        assert (percent[square] == 100) == bool((walk <= 900).all())
        assert (percent[square] == 0) == (not (walk <= 900).any())
