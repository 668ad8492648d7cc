"""Studies whose facilities are POIs of Amap or Baidu: from what their services answer to coverage, credit and record."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests import written_town as w
from typer.testing import CliRunner

from livingcircle import cases
from livingcircle.cli import app
from livingcircle.errors import InputError
from livingcircle.render.summary import summary
from livingcircle.settings import read_study
from livingcircle.sources.datum import converted


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


def answer(provider, datum, metres=0.0):
    """Return what a search for the town's only pharmacy would answer."""
    lon, lat = w.lonlat(metres)
    x, y = (float(one[0]) for one in converted(np.array([lon]), np.array([lat]), "wgs84", datum))
    if provider == "amap":
        kind = {"type": "医疗保健服务;医药保健销售店;药房", "typecode": "090601"}
        poi = {"id": "B1", "name": "益民药店", "location": f"{x:.8f},{y:.8f}", "address": [], **kind}
        return {"status": "1", "count": "1", "pois": [poi]}
    detail = {"tag": "医疗;药店"}
    poi = {"uid": "u1", "name": "益民药店", "location": {"lng": x, "lat": y}, "detail_info": detail}
    return {"status": 0, "message": "ok", "results": [poi]}


@pytest.fixture
def study_file(tmp_path):
    path = w.write_town(tmp_path)
    (tmp_path / "pois").mkdir()
    return path


def asks_for(study_file, source):
    line = "{kind: layer, path: pharmacies.csv, service: pharmacy, columns: {id: id, name: 名称}}"
    w.change(study_file, line, source)


@pytest.mark.parametrize(
    ("provider", "datum", "source", "credit"),
    [
        ("amap", "gcj02", "{kind: amap, path: pois}", "© 高德地图 / Amap"),
        ("baidu", "bd09", "{kind: baidu, path: pois/1.json}", "© 百度地图 / Baidu Maps"),
        ("baidu", "gcj02", "{kind: baidu, path: pois, datum: gcj02, attribution: 某局}", "某局"),
    ],
)
def test_pois_serve_as_facilities(study_file, provider, datum, source, credit):
    (study_file.parent / "pois" / "1.json").write_text(json.dumps(answer(provider, datum)))
    asks_for(study_file, source)
    study = cases.load(read_study(study_file))
    assert study.facilities.names.tolist() == ["益民药店"]
    assert credit in study.attribution
    assert ("facilities", "1.json") in [(one.role, one.path) for one in study.inputs]
    figures = summary(cases.answer(read_study(study_file)))
    assert figures["verdicts"][0]["residents_share"] == w.COVERED_5 / w.TOTAL


def test_read_as_degrees_of_its_own_the_study_would_be_wrong(study_file):
    """BD-09 taken for WGS-84 puts the pharmacy more than a kilometre away: the figures must not come out the same."""
    (study_file.parent / "pois" / "1.json").write_text(json.dumps(answer("baidu", "bd09")))
    asks_for(study_file, "{kind: baidu, path: pois, datum: wgs84}")
    with pytest.raises(InputError) as caught:
        cases.load(read_study(study_file))
    assert {fault.kind for fault in caught.value.faults} & {"all_outside_study"}


def test_the_check_names_the_file_with_the_error(study_file):
    folder = study_file.parent / "pois"
    (folder / "1.json").write_text(json.dumps(answer("amap", "gcj02")))
    (folder / "2.json").write_text('{"status": "0", "info": "DAILY_QUERY_OVER_LIMIT"}')
    asks_for(study_file, "{kind: amap, path: pois}")
    done = CliRunner().invoke(app, ["check", str(study_file)])
    assert done.exit_code == 3
    said = "".join((done.stdout + done.stderr).split())
    assert "DAILY_QUERY_OVER_LIMIT" in said
    assert "错误信息" in said
