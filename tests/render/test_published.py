"""What may not be shown as points is in no output that holds points."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from livingcircle.render import tables
from livingcircle.render.maps import write_map
from livingcircle.render.sheets import write_csvs, write_geopackage
from livingcircle.render.summary import about


@pytest.fixture
def withheld(town):
    """The town with a clinic that is published by district only: F1 offers nothing else, F2 a kindergarten as well."""
    clinic, *others = town.study.standard.services
    standard = replace(town.study.standard, services=(replace(clinic, privacy="aggregate"), *others))
    return replace(town, study=replace(town.study, standard=standard))


def test_places_of_such_services_are_left_out_of_tables_and_layers(withheld, tmp_path):
    made = tables.tables_of(withheld)
    assert made["facilities"]["facility_id"].tolist() == ["F2", "F3"]
    assert made["facilities"]["services"].tolist() == ["kindergarten", "kindergarten"]
    assert made["coverage"]["service_id"].tolist().count("clinic") > 0  # figures remain
    assert not [name for name in made["homes"] if "clinic" in name]  # nor does a home tell of them
    assert made["homes"]["nearest_facility_kindergarten"].astype(bool).any()
    write_geopackage(tmp_path / "results.gpkg", withheld, made, about(withheld))
    places = gpd.read_file(tmp_path / "results.gpkg", layer="facilities")
    assert places["facility_id"].tolist() == ["F2", "F3"]
    assert np.allclose(places.geometry.x, withheld.study.facilities.xy[1:, 0])
    write_csvs(tmp_path, {"facilities": made["facilities"]})
    assert "宁海路社区卫生服务中心" not in (tmp_path / "facilities.csv").read_text(encoding="utf-8-sig")


def test_the_map_neither_names_nor_places_them(town, withheld, tmp_path):
    for results, expected in ((town, True), (withheld, False)):
        write_map(tmp_path / "map.html", results, "zh")
        page = (tmp_path / "map.html").read_text(encoding="utf-8")
        assert ("宁海路社区卫生服务中心" in json.loads(json.dumps(page)) or "\\u5b81\\u6d77" in page) is expected


def test_services_open_to_all_are_shown_as_before(town):
    assert tables.published(town.study).all()
    assert tables.facilities(town.study, town.assessment)["facility_id"].tolist() == ["F1", "F2", "F3"]
