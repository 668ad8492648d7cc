"""Two studies beside each other: the parts of a change add up, come from the input that was swapped, and swap with the studies."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cli
from livingcircle.cases import load
from livingcircle.comparing import FACTORS, _facilities, _part, compare
from livingcircle.settings import read_study

PARTS = [f"change_by_{name}" for name in FACTORS]


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """Last year; this year with a second pharmacy at 1,100 m, the first 100 m further east, and people who walk 1 m/s."""
    first, last = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    before, after = w.write_town(first), w.write_town(last)
    rows = [("P1", *w.lonlat(100), "一"), ("P2", *w.lonlat(1100), "二")]
    w.write_table(last / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    w.change(after, "standard: standard.yaml", "standard: standard.yaml\nwalker: {speed_metres_per_second: 1.0}")
    return before, after


@pytest.fixture(scope="module")
def compared(towns):
    return compare(*(read_study(file) for file in towns))


def row(compared, figure: str, identity: str, district: str = ""):
    table = compared.figures
    found = table[(table["figure"] == figure) & (table["id"] == identity) & (table["district_id"] == district)]
    return found.iloc[0]


def test_only_what_differs_is_swapped(compared):
    assert compared.factors == ("facilities", "method")
    assert compared.steps == 4


def test_parts_add_up_to_the_whole_change(compared):
    table = compared.figures
    np.testing.assert_allclose(table[PARTS].sum(axis=1, skipna=False), table["value_change"], atol=1e-12)
    assert (table[["change_by_network", "change_by_population", "change_by_standard"]].fillna(0) == 0).all(axis=None)


def test_a_part_that_is_the_same_changes_nothing_and_not_less_than_nothing(compared):
    parts = compared.figures[["change_by_network", "change_by_standard"]].to_numpy()
    assert not np.signbit(parts).any()


def test_the_change_by_arithmetic(compared):
    # Within 5 minutes before: 100, 300 m (1 + 2). With both pharmacies, at 1.25 m/s (375 m): 100, 300, 1,000, 1,400 m; at 1 m/s
    # (300 m): the same. At 1 m/s with the old one alone: the same two. So all of it comes from facilities, in either order.
    one = row(compared, "requirement", "near")
    assert (one["value_before"], one["value_after"]) == (3 / 63, 51 / 63)
    assert one["change_by_facilities"] == pytest.approx(48 / 63)
    assert one["change_by_method"] == pytest.approx(0)
    assert (one["verdict_before"], one["verdict_after"]) == ("unmet", "met")
    # Within 15 minutes: 1,125 m at 1.25 m/s, 900 m at 1 m/s. Before 31; with the new ones 63 at either speed; slower alone 15.
    far = row(compared, "requirement", "far")
    assert far["value_change"] == pytest.approx((63 - 31) / 63)
    assert far["change_by_facilities"] == pytest.approx(((63 - 31) + (63 - 15)) / 2 / 63)
    assert far["change_by_method"] == pytest.approx(((63 - 63) + (15 - 31)) / 2 / 63)
    assert far["order_effect"] == pytest.approx(8 / 63)


def test_backwards_is_the_same_with_the_sign_turned(towns, compared):
    back = compare(*(read_study(file) for file in towns[::-1]))
    one, other = (
        table.figures.set_index(["figure", "id", "limit_minutes", "district_id"]) for table in (compared, back)
    )
    np.testing.assert_allclose(other.loc[one.index][PARTS], -one[PARTS], atol=1e-12, equal_nan=True)


def test_a_study_and_itself_differ_in_nothing(towns):
    same = compare(*(read_study(towns[0]) for _ in range(2)))
    assert (same.factors, same.steps) == ((), 1)
    assert (same.figures["value_change"].dropna() == 0).all()
    assert same.facilities.empty
    assert same.homes["residents_change"].eq(0).all()


def test_places_that_changed_are_listed(compared):
    kinds = compared.facilities.set_index("facility_id")["place_change"].to_dict()
    assert kinds == {"P1": "moved", "P2": "opened"}
    moved = compared.facilities.set_index("facility_id").loc["P1", "moved_metres"]
    assert moved == pytest.approx(100, abs=0.1)


def test_a_place_of_a_service_that_one_standard_lacks_has_not_closed(towns):
    own = str(towns[0].parent / "standard.yaml")
    studies = [load(read_study(towns[0], {"standard": one, "siting": []})) for one in (own, "gb50180_2018")]
    assert [len(study.facilities) for study in studies] == [1, 0]
    assert not len(_facilities(*studies))


def test_moves_are_measured_across_coordinate_systems(towns):
    studies = [
        load(read_study(file, {"crs": crs})) for file, crs in zip(towns, ("EPSG:4549", "EPSG:32651"), strict=True)
    ]
    moved = _facilities(*studies).set_index("facility_id").loc["P1", "moved_metres"]
    assert moved == pytest.approx(100, abs=0.1)


def test_homes_are_counted_by_district(tmp_path, towns):
    file = w.write_town(tmp_path)
    rows = [("H1", *w.lonlat(100), 5), ("H7", *w.lonlat(200), 7)]
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "居民数"), rows)
    found = compare(read_study(towns[0]), read_study(file)).homes.set_index("district_id")
    whole = found.loc[""]
    assert (whole["homes_new"], whole["homes_gone"], whole["homes_changed_residents"]) == (1, 5, 1)
    assert (whole["residents_before"], whole["residents_after"], whole["residents_change"]) == (63, 12, -51)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_tells_and_writes(towns, tmp_path, monkeypatch, language):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    asked = ["compare", *map(str, towns), "-o", str(tmp_path / "out"), "-l", language]
    said = CliRunner(env={"COLUMNS": "120"}).invoke(cli.app, asked)
    assert said.exit_code == cli.DONE, said.output
    assert "+76.2" in said.stdout
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "compare_figures.csv",
        "compare_facilities.csv",
        "compare_homes.csv",
    }
    figures = json.loads(CliRunner().invoke(cli.app, [*asked[:3], "--json"]).stdout)["compared"]
    assert figures["factors"] == ["facilities", "method"]


def test_the_folder_a_file_lies_in_is_no_change(towns):
    ages = {"kind": "raster", "path": "all.tif", "unit": "count", "age_groups": {"60+": "old.tif"}}
    homes = {"kind": "layer", "path": "homes.csv", "population": ages}
    poi = {"kind": "amap", "path": "pois.json", "review": "review.csv"}
    first, last = (read_study(file, overrides={"homes": homes, "facilities": [poi]}) for file in towns)
    study = load(read_study(towns[0]))
    for name in ("population", "facilities"):
        assert _part(first, study, name) == _part(last, study, name)
