"""Districts of several levels: how levels and larger districts are found, and what contradicts itself."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import FAULT_KINDS
from livingcircle.sources.districts import DistrictSource, districts_from_layers
from livingcircle.sources.layers import LayerSource

CRS = "EPSG:32650"
COLUMNS = {"id": None, "name": None, "level": None, "parent": None}
ORIGIN = np.array([668_000.0, 3_548_000.0])
"""In Nanjing: small numbers would be taken for degrees."""
# A county of two sub-districts, the left one of two communities, on 200 m × 100 m.
COUNTY = shapely.box(0, 0, 200, 100)
LEFT, RIGHT = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
LOW, HIGH = shapely.box(0, 0, 100, 50), shapely.box(0, 50, 100, 100)


def layer(tmp_path, file, shapes, level=None, /, **values) -> DistrictSource:
    path = tmp_path / f"{file}.gpkg"
    gpd.GeoDataFrame(values, geometry=shapely.transform(shapes, lambda xy: xy + ORIGIN), crs=CRS).to_file(path)
    return DistrictSource(LayerSource(path), COLUMNS, level)


def read(*sources):
    reading = districts_from_layers(sources, CRS)
    return reading.value, {said.kind: said for said in reading.warnings}


def kinds_raised(*sources):
    with pytest.raises(InputError) as raised:
        districts_from_layers(sources, CRS)
    return [fault.kind for fault in raised.value.faults]


def named_parents(districts):
    names = [*districts.names.tolist(), ""]
    return {name: names[at] for name, at in zip(districts.names.tolist(), districts.parent.tolist(), strict=True)}


NESTED = {"低社区": "左街道", "高社区": "左街道", "左街道": "玄武区", "右街道": "玄武区", "玄武区": ""}


def test_three_layers_with_division_codes(tmp_path):
    districts, said = read(
        layer(tmp_path, "county", [COUNTY], code=["320102"], name=["玄武区"]),
        layer(tmp_path, "streets", [LEFT, RIGHT], 区划代码=["320102001000", "320102002"], 名称=["左街道", "右街道"]),
        layer(tmp_path, "communities", [LOW, HIGH], code=[320102001001.0, 320102001002.0], name=["低社区", "高社区"]),
    )
    assert named_parents(districts) == NESTED
    assert districts.level.tolist() == ["community"] * 2 + ["subdistrict"] * 2 + ["county"]
    assert districts.undivided.tolist() == [True, True, False, True, False]
    assert (districts.parent[districts.parent >= 0] > np.flatnonzero(districts.parent >= 0)).all()
    assert said["codes_understood"].details["examples"] == "320102001000 → 320102001"
    assert not [one for one in said if FAULT_KINDS[one].severity == "warning"]


def test_one_layer_with_columns_of_level_and_parent(tmp_path):
    source = layer(
        tmp_path, "all", [LOW, COUNTY, RIGHT, HIGH, LEFT],
        id=["a", "b", "c", "d", "e"], name=["低社区", "玄武区", "右街道", "高社区", "左街道"],
        level=["社区", "区县", "街道", "community", "街道"], parent=["e", None, "b", "e", "b"],
    )  # fmt: skip
    districts, said = read(source)
    assert named_parents(districts) == NESTED
    assert "parents_by_place" not in said


def test_without_codes_the_place_tells_the_larger_district(tmp_path):
    districts, said = read(
        layer(tmp_path, "streets", [LEFT, RIGHT], "subdistrict", name=["左街道", "右街道"]),
        layer(tmp_path, "communities", [LOW, HIGH], "community", name=["低社区", "高社区"]),
    )
    assert named_parents(districts) == {"低社区": "左街道", "高社区": "左街道", "左街道": "", "右街道": ""}
    assert said["parents_by_place"].details["count"] == 2
    assert len(set(districts.ids.tolist())) == 4  # rows of two layers, told apart


def test_larger_districts_are_stated_by_name_as_well(tmp_path):
    districts, said = read(
        layer(tmp_path, "streets", [LEFT, RIGHT], "subdistrict", name=["左街道", "右街道"]),
        layer(
            tmp_path,
            "communities",
            [LOW, HIGH],
            "community",
            name=["低社区", "高社区"],
            所属街道=["左街道办事处", "中街道"],
        ),
    )
    assert named_parents(districts) == {"低社区": "左街道", "高社区": "左街道", "左街道": "", "右街道": ""}
    assert said["parent_unknown"].value == "中街道"  # so its place decides
    assert said["parents_by_place"].details["examples"] == "高社区 → 左街道"


def test_a_district_that_skips_a_level_and_one_that_is_part_of_none(tmp_path):
    away = shapely.box(1000, 0, 1100, 100)
    districts, said = read(
        layer(tmp_path, "county", [COUNTY], code=["320102"], name=["玄武区"]),
        layer(tmp_path, "communities", [LOW, away], code=["320102001001", "320104001001"], name=["低社区", "远社区"]),
    )
    assert named_parents(districts) == {"低社区": "玄武区", "远社区": "", "玄武区": ""}
    assert said["district_without_parent"].details["examples"] == "远社区"


def test_a_gap_that_reaches_the_outline_is_found_where_a_larger_district_shows_it(tmp_path):
    streets = layer(tmp_path, "streets", [shapely.box(0, 0, 100, 100)], code=["320102001"], name=["街道"])
    parts = [shapely.box(0, 0, 100, 40), shapely.box(0, 60, 100, 99)]
    codes = {"code": ["320102001001", "320102001002"], "name": ["低社区", "高社区"]}
    _, said = read(streets, layer(tmp_path, "communities", parts, **codes))
    holes = said["holes_between_districts"].details
    assert (holes["count"], holes["hectares"]) == (1, pytest.approx(0.2))
    assert said["slivers_between_districts"].details["square_metres"] == pytest.approx(100)  # 1 m at the upper end
    assert "holes_between_districts" not in read(layer(tmp_path, "alone", parts, **codes))[1]


def test_a_code_that_lies_elsewhere_is_warned_of_with_its_district(tmp_path):
    districts, said = read(
        layer(tmp_path, "streets", [LEFT, RIGHT], code=["320102001", "320102002"], name=["左街道", "右街道"]),
        layer(tmp_path, "communities", [LOW, HIGH], code=["320102001001", "320102002001"], name=["低社区", "高社区"]),
    )
    assert named_parents(districts)["高社区"] == "右街道"  # the code is believed, and said to be odd
    assert said["district_outside_parent"].details == {"count": 1, "examples": "高社区 → 右街道"}


def test_a_stated_parent_goes_before_the_code_and_the_difference_is_said(tmp_path):
    streets = layer(tmp_path, "streets", [LEFT, RIGHT], code=["320102001", "320102002"], name=["左街道", "右街道"])
    below = layer(
        tmp_path, "communities", [LOW, HIGH],
        code=["320102002001", "320102001002"], name=["低社区", "高社区"], parent=["320102001000", "999"],
    )  # fmt: skip
    districts, said = read(streets, below)
    assert named_parents(districts)["低社区"] == named_parents(districts)["高社区"] == "左街道"
    assert said["parent_contradicts_code"].details == {"count": 1, "examples": "低社区 → 左街道"}
    assert (said["parent_unknown"].row, said["parent_unknown"].value) == (2, "999")


def test_codes_a_spreadsheet_rounded_stop_the_reading_and_wrong_ones_are_named(tmp_path):
    boxes = [shapely.box(x, 0, x + 10, 10) for x in range(0, 60, 10)]
    codes = ["320102001001", "3.20102E+11", "320102001003", "32010200100", "990102001001", "320102001006"]
    with pytest.raises(InputError) as raised:
        districts_from_layers([layer(tmp_path, "communities", boxes, code=codes)], CRS)
    assert [(one.kind, one.row, one.value) for one in raised.value.faults] == [("code_rounded", 2, "3.20102E+11")]
    assert [(one.kind, one.row) for one in raised.value.warnings if one.severity == "warning"] == [
        ("code_malformed", 4),
        ("code_of_no_province", 5),
    ]


def test_codes_made_alike_by_rounding_are_not_to_be_made_unique_by_hand(tmp_path):
    boxes = [shapely.box(x, 0, x + 10, 10) for x in range(0, 40, 10)]
    codes = ["3.20102E+11", "3.20102E+11", "320102001003", "320102001003"]
    with pytest.raises(InputError) as raised:
        districts_from_layers([layer(tmp_path, "communities", boxes, code=codes)], CRS)
    assert sorted((one.kind, one.row) for one in raised.value.faults) == [
        ("code_rounded", 1),
        ("code_rounded", 2),
        ("duplicate_id", 4),
    ]


def test_numbers_that_are_no_division_codes_are_left_alone(tmp_path):
    districts, said = read(layer(tmp_path, "postal", [LEFT, RIGHT], code=["00100", "00120"], name=["A", "B"]))
    assert districts.ids.tolist() == ["00100", "00120"]
    assert districts.level.tolist() == ["", ""]
    assert set(said) == {"columns_matched"}


def test_levels_that_nobody_states_or_that_make_no_sense(tmp_path):
    plain = layer(tmp_path, "streets", [LEFT, RIGHT], name=["左街道", "右街道"])
    assert kinds_raised(plain, layer(tmp_path, "low", [LOW], "community", name=["低社区"])) == ["level_needed"]
    odd = layer(tmp_path, "odd", [LEFT, RIGHT], id=["a", "b"], level=["街道", "里弄"])
    assert kinds_raised(odd) == ["level_unknown"]
    circle = layer(
        tmp_path,
        "circle",
        [LEFT, RIGHT, COUNTY],
        id=["a", "b", "c"],
        level=["街道", "街道", "区"],
        parent=["b", "a", ""],
    )
    assert kinds_raised(circle) == ["parent_not_larger", "parent_not_larger"]
    # Stated for the layer, contradicted by codes: what is stated counts.
    districts, said = read(layer(tmp_path, "stated", [LEFT, RIGHT], "community", code=["320102001", "320102002"]))
    assert districts.level.tolist() == ["community", "community"]
    assert said["level_contradicts_code"].details["count"] == 2


def test_one_id_in_two_layers_is_a_fault_of_the_second(tmp_path):
    streets = layer(tmp_path, "streets", [LEFT, RIGHT], "subdistrict", id=["1", "2"])
    assert kinds_raised(streets, layer(tmp_path, "low", [LOW], "community", id=["1"])) == ["district_in_two_layers"]


def test_faults_of_all_layers_are_one_report(tmp_path):
    one = layer(tmp_path, "one", [LEFT, shapely.Point(3, 4)], "subdistrict", id=["1", "2"])
    other = layer(tmp_path, "other", [LOW, HIGH], "community", id=["3", "3"])
    assert kinds_raised(one, other) == ["wrong_geometry", "duplicate_id"]
