"""Which homes a gap area is made of, once areas are divided at the borders of districts."""

from types import SimpleNamespace

import numpy as np
import shapely

from livingcircle.kernel.gap import divided, gap_areas, gap_members

RULES = (SimpleNamespace(service="pharmacy", limit_seconds=300.0),)
NAMES = ("pharmacy",)
HALVES = np.array([shapely.box(-1000, -1000, 0, 1000), shapely.box(0, -1000, 1000, 1000)], object)


def homes_at(xy, district):
    xy = np.array(xy, float)
    return SimpleNamespace(
        xy=xy, district=np.array(district, np.int32), residents=np.arange(1.0, len(xy) + 1), households=np.ones(len(xy))
    )


def members_of(homes):
    seconds = np.full((1, len(homes.xy)), 600.0)
    gaps = gap_areas(seconds, homes, RULES, NAMES, np.array([True]))
    parts = divided(gaps, seconds, homes, RULES, NAMES, HALVES)
    return parts, gap_members(parts, seconds, homes, RULES, NAMES)


def test_a_home_whose_point_is_across_the_border_stays_with_its_district():
    # The last is counted in the west, where most of its footprint is, though its point lies 5 m to the east.
    parts, members = members_of(homes_at([(30, 0), (60, 0), (5, 0)], [1, 1, 0]))
    by_district = {int(parts.district[area]): members.of(area).tolist() for area in range(len(parts))}
    assert by_district == {1: [0, 1], 0: [2]}


def test_two_homes_on_one_spot_and_one_in_no_district_have_areas_of_their_own():
    parts, members = members_of(homes_at([(0, 0), (0, 0), (0, 0)], [0, 1, -1]))
    assert sorted(members.of(area).tolist() for area in range(len(parts))) == [[0], [1], [2]]
    assert parts.homes.tolist() == [1, 1, 1]
