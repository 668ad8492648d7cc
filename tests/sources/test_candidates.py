from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.settings import CandidateColumns
from livingcircle.sources.candidates import AssumedCost, AssumedCosts, candidates_from_layer
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.standards import read_services

CRS = "EPSG:32650"
COLUMNS = {"id": "编号", "name": "名称", "cost_wan_yuan": "造价", "floor_m2": "面积", "lon": "lon", "lat": "lat"}


def test_a_list_of_vacant_premises_in_gbk(tmp_path):
    path = tmp_path / "存量空间.csv"
    path.write_text("编号,名称,lon,lat,造价,面积\n001,原粮站,117,32,12.5,300\n002,,117.001,32,,\n", encoding="gb18030")
    candidates = candidates_from_layer(LayerSource(path), COLUMNS, CRS).value
    assert candidates.ids.tolist() == ["001", "002"]
    assert candidates.names.tolist() == ["原粮站", "002"]
    assert candidates.cost_wan_yuan[0] == 12.5
    assert candidates.floor_m2[0] == 300
    assert np.isnan([candidates.cost_wan_yuan[1], candidates.floor_m2[1]]).all()
    assert candidates.xy[0, 0] == pytest.approx(500_000)


def test_plots_stay_areas_and_unnamed_columns_are_unknown(tmp_path):
    plot = shapely.box(500_000, 3_540_000, 500_040, 3_540_020)
    gpd.GeoDataFrame(geometry=[plot], crs=CRS).to_file(tmp_path / "plots.gpkg")
    candidates = candidates_from_layer(LayerSource(tmp_path / "plots.gpkg"), {}, CRS).value
    assert (candidates.ids.tolist(), candidates.names.tolist()) == (["1"], ["1"])
    assert candidates.geometry[0].equals(plot)
    assert candidates.xy.tolist() == [[500_020, 3_540_010]]
    assert np.isnan(candidates.cost_wan_yuan).all()


def test_all_faults_at_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("编号,名称,lon,lat,造价\n1,a,117,32,五六万\n1,b,32,117,-2\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        candidates_from_layer(LayerSource(path), COLUMNS, CRS)
    assert {(fault.kind, fault.row) for fault in raised.value.faults} == {
        ("not_a_number", 2),
        ("swapped_coordinates", 3),
        ("duplicate_id", 3),
        ("negative_number", 3),
        ("missing_column", None),
    }


STOCK = """编号,名称,lon,lat,改造费用（万元）,建筑面积,用途,可用于,状态,服务能力
A1,原粮站,117,32,12.5,300,仓库,药店；幼儿园,候选,80
A2,老影院,117.001,32,,400,影院,,必选,
A3,旧厂房,117.002,32,,1000,厂房,药店,已占用,
A4,空地,117.003,32,,,空地,游泳馆,,
"""


@pytest.fixture
def stock(tmp_path):
    def read(text=STOCK, **assumed):
        path = tmp_path / "存量.csv"
        path.write_text(text, encoding="utf-8")
        services = [one for one in read_services() if one.id in {"pharmacy", "kindergarten"}]
        names = dict.fromkeys(CandidateColumns.model_fields)
        return candidates_from_layer(LayerSource(path), names, CRS, services, AssumedCosts(**assumed)), services

    return read


def test_use_services_status_and_capacity_are_recognised_by_name(stock):
    reading, services = stock(STOCK.replace("游泳馆", "药店、幼儿园"))
    found = reading.value
    assert found.use.tolist() == ["仓库", "影院", "厂房", "空地"]
    assert found.status.tolist() == ["candidate", "required", "forbidden", "candidate"]
    assert found.capacity[0] == 80
    assert np.isnan(found.capacity[1:]).all()
    pharmacy = [one.id for one in services].index("pharmacy")
    assert found.allows(pharmacy).tolist() == [True, True, True, True]  # an empty cell allows all
    assert found.allows(1 - pharmacy).tolist() == [True, True, False, True]
    assert {"columns_matched", "candidate_costs_unknown"} <= {fault.kind for fault in reading.warnings}


def test_missing_costs_are_taken_by_use_and_floor_area_and_noted(stock):
    reading, _ = stock(
        STOCK.replace("游泳馆", ""), others=AssumedCost(wan_yuan=50), by_use={"厂房": AssumedCost(yuan_per_m2=1800)}
    )
    assert reading.value.cost_wan_yuan.tolist() == [12.5, 50, 180, 50]
    (said,) = [fault for fault in reading.warnings if fault.kind == "candidate_costs_assumed"]
    assert said.details["count"] == 3
    assert said.severity == "warning"


def test_unknown_services_and_words_for_a_status_are_faults(stock):
    with pytest.raises(InputError) as raised:
        stock(STOCK.replace("必选", "也许"))
    assert {(fault.kind, fault.row, fault.value) for fault in raised.value.faults} == {
        ("unknown_service", 5, "游泳馆"),
        ("unknown_candidate_status", 3, "也许"),
    }


def test_without_a_column_of_services_all_may_move_in(tmp_path):
    path = tmp_path / "存量.csv"
    path.write_text("编号,lon,lat\nA1,117,32\n", encoding="utf-8")
    found = candidates_from_layer(LayerSource(path), {}, CRS, read_services()).value
    assert found.allows(0).tolist() == [True]
    assert found.status.tolist() == ["candidate"]
