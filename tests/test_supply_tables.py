"""What each district has of its own, from the files of the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livingcircle import cases
from livingcircle.render import tables
from livingcircle.settings import read_study

STUDY = Path(__file__).parents[1] / "configs" / "qinghe.yaml"


@pytest.fixture(scope="module")
def supply():
    return tables.supply(cases.load(read_study(STUDY, {"siting": []})))


def row(supply, service, figure, unit):
    found = supply[(supply["service_id"] == service) & (supply["supply_of"] == figure)]
    found = found[found["scope"] == "study"] if not unit else found[found["district_name"] == unit]
    assert len(found) == 1
    return found.iloc[0]


def test_places_within_each_community_and_per_1000_children(supply):
    one = row(supply, "kindergarten", "capacity", "柳园社区")
    assert (one["supply_total"], one["facilities_there"], one["people"]) == (180, 1, 302)
    assert one["supply_per_1000"] == pytest.approx(1000 * 180 / 302)
    assert row(supply, "kindergarten", "capacity", "清河街道")["supply_total"] == 4500
    whole = row(supply, "kindergarten", "capacity", "")
    assert (whole["facilities_there"], whole["facilities_stating"]) == (40, 17), "23 beyond the border state nothing"


def test_a_community_without_any_has_nothing_and_one_whose_is_planned_too(supply):
    assert row(supply, "nursing_home", "beds", "清湾社区")["supply_total"] == 0
    planned = row(supply, "elderly_day_care", "capacity", "东渡社区")
    assert (planned["facilities_there"], planned["supply_total"]) == (0, 0)
    assert np.isfinite(planned["supply_per_1000"])
