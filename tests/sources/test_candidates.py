from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.sources.candidates import candidates_from_layer
from livingcircle.sources.layers import LayerSource

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
