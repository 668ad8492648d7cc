"""Candidates generated in gaps: where they lie, what was left out and why."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import town as t
from livingcircle import cases
from livingcircle.errors import InputError, SettingsError
from livingcircle.kernel.siting.gap_points import points_in_gaps
from livingcircle.settings import GapCandidates, read_study, settings_from
from livingcircle.siting import proposed

STUDY = Path(__file__).parents[2] / "configs" / "qinghe.yaml"
TASK = {"service": "outdoor_fitness", "sites": 3, "limit_minutes": 5}


def settings_of(**gaps):
    plain = {"kind": "gaps", "path": None, "layer": None}
    asked = {key: value for key, value in {**plain, **gaps}.items() if value is not None}
    return read_study(STUDY, {"siting": [TASK]}).model_copy(
        update={"candidates": _candidates(asked), "siting": read_study(STUDY, {"siting": [TASK]}).siting}
    )


def _candidates(asked):
    return GapCandidates.model_validate(asked)


def test_points_lie_on_streets_near_the_homes_one_per_square():
    town = t.town(t.grid_streets(10, 10))
    homes = np.array([(100.0, 100.0), (300.0, 100.0)])
    found = points_in_gaps(town.network, homes, np.array([150.0, 50.0]), 40.0)
    assert len(found.xy)
    streets = shapely.union_all(town.network.streets.lines)
    assert shapely.distance(shapely.points(found.xy), streets).max() == pytest.approx(0, abs=1e-6)
    assert len(np.unique(np.floor(found.xy / 40), axis=0)) == len(found.xy)
    away = np.hypot(*(found.xy - homes[found.home]).T)
    assert found.metres == pytest.approx(away)
    assert (away <= np.array([150.0, 50.0])[found.home]).all()


def test_without_uncovered_homes_there_is_no_point():
    town = t.town(t.grid_streets(3, 3))
    assert not len(points_in_gaps(town.network, np.empty((0, 2)), np.empty(0), 50.0).xy)


@pytest.fixture(scope="module")
def generated():
    settings = settings_of(spacing_metres=150, least_metres_to_existing=100)
    study = cases.load(settings)
    return settings, study


def test_every_candidate_says_its_street_and_its_gap(generated):
    _, study = generated
    assert len(study.candidates) > 50
    assert study.candidate_anchors.joined.all()
    assert all("室外综合健身场地缺口" in origin for origin in study.candidates.origin)
    (said,) = [note for note in study.notes if note.kind == "candidates_generated"]
    assert said.details["kept"] == len(study.candidates)
    assert said.details["total"] == said.details["kept"] + sum(
        said.details[key] for key in ("excluded", "steep", "near")
    )


def test_none_is_too_near_to_what_exists(generated):
    _, study = generated
    services = [service.id for service in study.standard.services]
    offering = study.facilities.xy[study.facilities.serves[:, services.index("outdoor_fitness")]]
    metres = np.hypot(*(study.candidates.xy[:, None] - offering[None]).transpose(2, 0, 1)).min(axis=1)
    assert metres.min() >= 100


def test_they_cover_what_the_listed_stock_cannot(generated):
    settings, study = generated
    plan = proposed(study, cases.assess(study, settings), settings.siting[0])
    assert plan.gained_residents > 3 * 1193  # what C4, the best of the listed ones, brings


def test_excluded_areas_hold_no_candidate(tmp_path):
    water = gpd.read_file(STUDY.parents[1] / "data" / "qinghe" / "qinghe.gpkg", layer="社区").iloc[[3]][["geometry"]]
    water.to_file(tmp_path / "excluded.gpkg")
    settings = settings_of(spacing_metres=150, exclude=[{"path": str(tmp_path / "excluded.gpkg")}])
    study = cases.load(settings)
    area = water.to_crs(study.crs).geometry.iloc[0]
    assert not shapely.intersects_xy(area, *study.candidates.xy.T).any()
    (said,) = [note for note in study.notes if note.kind == "candidates_generated"]
    assert said.details["excluded"] > 0


def test_tags_are_refused_where_streets_are_from_elsewhere(tmp_path):
    with pytest.raises(ValueError, match="key=value"):
        _candidates({"kind": "gaps", "exclude_tags": ["landuse"]})


def test_slope_needs_elevation():
    text = {"kind": "gaps", "most_slope": 0.1}
    content = read_study(STUDY).model_dump(mode="json")
    with pytest.raises(SettingsError) as raised:
        settings_from({**content, "candidates": text}, STUDY)
    assert [fault.column for fault in raised.value.faults] == ["elevation"]


def test_an_excluded_layer_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(InputError):
        cases.load(settings_of(exclude=[{"path": str(tmp_path / "nowhere.gpkg")}]))
