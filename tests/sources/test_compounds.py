"""Compounds and gates as offices list them, and as OpenStreetMap maps them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.model.compound import Compounds, Passage
from livingcircle.sources.compounds import (
    compounds_from_layer,
    compounds_from_osm,
    gates_from_layer,
    minutes_of,
    no_gates,
    osm_passage,
)
from livingcircle.sources.layers import LayerSource

CRS = "EPSG:32650"
COMPOUND_COLUMNS = {"id": "编号", "name": "名称", "through": "可否穿行"}
GATE_COLUMNS = {"lon": "lon", "lat": "lat", "who": "通行对象", "hours": "开放时间", "compound": "小区"}


@pytest.fixture
def estates(tmp_path) -> LayerSource:
    boxes = [shapely.box(500_000 + 300 * n, 3_540_000, 500_200 + 300 * n, 3_540_200) for n in range(3)]
    frame = gpd.GeoDataFrame(
        {"编号": ["A1", "A2", "A3"], "名称": ["锦绣苑", "", "河畔里"], "可否穿行": ["否", "", "是"]},
        geometry=boxes,
        crs=CRS,
    )
    frame.to_file(tmp_path / "estates.gpkg")
    return LayerSource(tmp_path / "estates.gpkg")


def test_compounds_are_read_as_listed(estates):
    compounds = compounds_from_layer(estates, COMPOUND_COLUMNS, CRS).value
    assert compounds.ids.tolist() == ["A1", "A2", "A3"]
    assert compounds.names.tolist() == ["锦绣苑", "A2", "河畔里"]
    assert compounds.through.tolist() == [False, False, True]


def test_gates_are_read_as_listed(estates, tmp_path):
    path = tmp_path / "gates.csv"
    path.write_text(
        "lon,lat,通行对象,开放时间,小区\n117,32,,,\n117,32,居民,06:00-22:00,A2\n117,32,所有人,18：00至2：00,\n117,32,消防,24/7,\n",
        encoding="gb18030",
    )
    compounds = compounds_from_layer(estates, COMPOUND_COLUMNS, CRS).value
    gates = gates_from_layer(LayerSource(path), GATE_COLUMNS, compounds, CRS).value
    assert gates.who.tolist() == [Passage.EVERYONE, Passage.RESIDENTS, Passage.EVERYONE, Passage.NOBODY]
    assert gates.opens.tolist()[1:3] == [360, 1080]
    assert gates.closes.tolist()[1:3] == [1320, 120]
    assert np.isnan(gates.opens[[0, 3]]).all()
    assert gates.compound.tolist() == [-1, 1, -1, -1]
    assert gates.xy[0, 0] == pytest.approx(500_000)


def test_every_fault_of_both_layers_at_once(estates, tmp_path):
    path = tmp_path / "gates.csv"
    path.write_text(
        "lon,lat,通行对象,开放时间,小区\n117,32,保安,早上到晚上,B7\n117,91,,25:00-26:00,\n", encoding="utf-8"
    )
    compounds = compounds_from_layer(estates, COMPOUND_COLUMNS, CRS).value
    with pytest.raises(InputError) as raised:
        gates_from_layer(LayerSource(path), GATE_COLUMNS, compounds, CRS)
    assert {(fault.kind, fault.row) for fault in raised.value.faults} == {
        ("unknown_passage", 2),
        ("bad_hours", 2),
        ("unknown_compound", 2),
        ("bad_hours", 3),
        ("coordinate_range", 3),
    }
    with pytest.raises(InputError) as raised:
        compounds_from_layer(estates, {"id": "编号", "through": "名称"}, CRS)
    assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("not_yes_or_no", 1), ("not_yes_or_no", 3)]


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        ("06:00-22:30", (360, 1350)),
        ("6:00~22:00", (360, 1320)),
        ("06：00—22：00", (360, 1320)),
        ("０６：００－２２：００", (360, 1320)),
        ("Mo-Su 06:00-22:00", (360, 1320)),
        ("22:00-24:00", (1320, 1440)),
        ("Mo-Fr 06:00-22:00", None),
        ("06:00-22:00; PH off", None),
        ("6-22", None),
        ("06:70-22:00", None),
    ],
)
def test_hours_are_read_only_where_they_are_plain(hours, minutes):
    assert minutes_of(hours) == minutes


@pytest.mark.parametrize("hours", ["", "24/7", "00:00-24:00", "全天", "24小时"])
def test_what_is_always_open_has_no_hours(hours):
    assert np.isnan(minutes_of(hours)).all()


@pytest.mark.parametrize(
    ("tags", "passage"),
    [
        ({"barrier": "gate"}, Passage.EVERYONE),
        ({"barrier": "lift_gate", "access": "private"}, Passage.RESIDENTS),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, Passage.EVERYONE),
        ({"barrier": "gate", "access": "no"}, Passage.NOBODY),
        ({"barrier": "gate", "foot": "permit"}, Passage.RESIDENTS),
        ({"barrier": "gate", "locked": "yes"}, Passage.NOBODY),
        ({"barrier": "gate", "locked": "yes", "foot": "yes"}, Passage.EVERYONE),
        ({"entrance": "emergency"}, Passage.NOBODY),
    ],
)
def test_tags_say_who_passes(tags, passage):
    assert osm_passage(tags) == passage


def square(west: float, south: float) -> list[tuple[float, float]]:
    """Return a square of about 100 m, in degrees."""
    return [(west, south), (west + 0.001, south), (west + 0.001, south + 0.001), (west, south + 0.001)]


def test_areas_with_walls_and_the_gates_in_them_are_found(write_osm):
    fenced, walled_round, open_ = square(117, 32), square(117.01, 32), square(117.02, 32)
    path = write_osm(
        areas={
            1: (fenced, {"landuse": "residential", "barrier": "fence", "name": "锦绣苑"}),
            2: (walled_round, {"landuse": "residential"}),
            3: (open_, {"landuse": "residential"}),
            4: (square(117.03, 32), {"landuse": "commercial", "barrier": "wall"}),
        },
        # Three of the four sides of the second area, two metres outside it; one side of the third.
        lines={
            5: (
                [(117.01, 31.99998), (117.01102, 31.99998), (117.01102, 32.001), (117.01, 32.00102)],
                {"barrier": "wall"},
            ),
            6: (open_[:2], {"barrier": "wall"}),
            7: (open_[1:], {"barrier": "kerb"}),
        },
        points={
            11: ((117.0005, 32.0), {"barrier": "gate", "opening_hours": "06:00-22:00"}),
            12: ((117.0, 32.0005), {"entrance": "yes"}),
            13: ((117.00012, 32.0005), {"entrance": "main"}),
            14: ((117.0005, 32.0005), {"barrier": "gate"}),
            15: ((117.01, 32.0005), {"barrier": "lift_gate", "access": "private", "opening_hours": "sunrise-sunset"}),
            16: ((117.0205, 32.0), {"barrier": "gate"}),
        },
    )
    reading = compounds_from_osm(path, CRS, every_residential_area=False)
    compounds, gates = reading.value
    assert compounds.ids.tolist() == ["way/1", "way/2"]
    assert compounds.names.tolist() == ["锦绣苑", "way/2"]
    # The house door 11 m inside, the gate in the middle and the one at the open area are no gates of theirs.
    assert gates.who.tolist() == [Passage.EVERYONE, Passage.EVERYONE, Passage.RESIDENTS]
    assert gates.opens[0] == 360
    assert [(fault.kind, fault.details["count"]) for fault in reading.warnings] == [("gate_hours_unread", 1)]
    every, all_gates = compounds_from_osm(path, CRS, every_residential_area=True).value
    assert every.ids.tolist() == ["way/1", "way/2", "way/3"]
    assert len(all_gates) == 4


def test_an_extract_without_residential_areas_has_none(write_osm):
    path = write_osm(areas={1: (square(117, 32), {"building": "yes"})}, points={2: ((117, 32), {"barrier": "gate"})})
    compounds, gates = compounds_from_osm(path, CRS, every_residential_area=False).value
    assert (len(compounds), len(gates), len(no_gates())) == (0, 0, 0)
    assert isinstance(compounds, Compounds)
