"""What if, for a study written to files: answers by arithmetic, undone by going back, and equal to a study that is so from the start."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import written_town as w
from conftest import ROOT
from livingcircle import cases, cli, scenarios
from livingcircle.errors import InputError, SettingsError
from livingcircle.model.terrain import Grades
from livingcircle.questions import service_ids
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.scenario_terminal import scenario_figures
from livingcircle.settings import read_study
from livingcircle.settings.scenario import read_scenario, scenario_from, scenario_text

HEAD = {"id": "trial", "title": {"zh": "试一试", "en": "Trial"}}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    settings = read_study(w.write_town(tmp_path_factory.mktemp("town")))
    study = cases.load(settings)
    return settings, study, scenarios.bench(study, settings)


def trial(*changes, **more):
    return scenario_from(HEAD | {"changes": list(changes)} | more, "trial.yaml")


def covered_5(done) -> tuple[float, float]:
    """Residents within five minutes of a pharmacy, before and after."""
    rows = [table.rows(0, 300.0)[0] for table in (done.coverage_before, done.coverage)]
    return done.coverage_before.residents_covered[rows[0]], done.coverage.residents_covered[rows[1]]


def site(metres: float, service: str = "pharmacy") -> dict[str, object]:
    return {"kind": "add_site", "services": [service], "lonlat": w.lonlat(metres), "name": "新点"}


def test_a_new_site_covers_those_around_it(town):
    # 375 m either way: from 1,100 m homes at 1,000 and 1,400 m are within, with 16 and 32 residents.
    done = scenarios.tried(town[2], trial(site(1100)))
    assert covered_5(done) == (w.COVERED_5, w.COVERED_5 + 16 + 32)
    assert done.effects.homes.tolist() == [3]  # and the home at 700 m is nearer to it than to the old one
    near = np.flatnonzero((done.verdicts.requirement == 0) & (done.verdicts.district == -1))[0]
    assert (done.verdicts_before.verdict[near], done.verdicts.verdict[near]) == ("unmet", "met")


def test_moving_and_closing_and_what_was_before_stays(town):
    first = covered_5(scenarios.tried(town[2], trial()))
    moved = {"kind": "move_facility", "facility": "P1", "lonlat": w.lonlat(600)}
    closed = {"kind": "close_facility", "facility": "P1"}
    assert covered_5(scenarios.tried(town[2], trial(moved)))[1] == 2 + 4 + 8  # 300, 500, 700 m
    done = scenarios.tried(town[2], trial(moved, closed))
    assert covered_5(done)[1] == 0
    assert np.isinf(done.reach.seconds[0]).all()
    assert set(done.verdicts.verdict[done.verdicts.requirement == 0]) == {"no_data"}
    assert covered_5(scenarios.tried(town[2], trial())) == first


def test_a_site_of_a_scenario_can_be_moved_by_its_id(town):
    moved = {"kind": "move_facility", "facility": "new-1", "lonlat": w.lonlat(1100)}
    assert covered_5(scenarios.tried(town[2], trial(site(100), moved)))[1] == w.COVERED_5 + 16 + 32


def test_closing_the_only_street_cuts_off_whoever_lives_beyond(town):
    closed = {"kind": "close_street", "lonlat": w.lonlat(250)}
    assert covered_5(scenarios.tried(town[2], trial(closed)))[1] < w.COVERED_5


def test_a_slower_walker_is_counted_anew_with_the_same_changes(town):
    done = scenarios.tried(town[2], trial(site(1100), speed_metres_per_second=1.0))
    # 300 m either way: 100 and 300 m from the old one, 1,000 and 1,400 m from the new one.
    assert covered_5(done) == (w.COVERED_5, 1 + 2 + 16 + 32)
    slower = scenarios.tried(town[2], trial(speed_metres_per_second=0.5))
    assert covered_5(slower)[1] == 1


def test_a_limit_of_its_own_counts_every_service(town):
    done = scenarios.tried(town[2], trial(limit_minutes=4))
    row = done.coverage.rows(0, 240.0)[0]  # 300 m at 1.25 m/s, to the metre
    assert done.coverage.residents_covered[row] == 1 + 2


def test_another_standard_judges_what_the_study_holds(town):
    done = scenarios.tried(town[2], trial(standard="quarter_hour"))
    assert done.standard.id == "quarter_hour"
    assert {rule.service for rule in done.standard.requirements} <= {"pharmacy", "kindergarten"}
    assert "pharmacy" not in done.not_judged
    assert done.not_judged


def test_a_scenario_equals_a_study_that_is_so_from_the_start(town, tmp_path):
    done = scenarios.tried(town[2], trial(site(1100), site(500, "kindergarten")))
    file = w.write_town(tmp_path)
    rows = [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1100), "二")]
    w.write_table(tmp_path / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    w.write_table(tmp_path / "schools.csv", ("id", "lon", "lat", "名称"), [("K1", *w.lonlat(500), "园")])
    more = "facilities:\n  - {kind: layer, path: schools.csv, service: kindergarten, columns: {id: id, name: 名称}}\n"
    w.change(file, "facilities:\n", more)
    settings = read_study(file)
    full = cases.assess(cases.load(settings), settings)
    np.testing.assert_array_equal(done.reach.seconds, full.reach.seconds)
    np.testing.assert_array_equal(done.coverage.residents_covered, full.coverage.residents_covered)
    np.testing.assert_array_equal(done.verdicts.verdict, full.verdicts.verdict)


def test_every_change_that_cannot_be_made_is_told_with_its_place(town):
    far = {"kind": "add_site", "services": ["pharmacy"], "lonlat": [122.5, 31.98]}
    wrong = trial({"kind": "close_facility", "facility": "P7"}, site(500, "药房"), far, site(1100))
    with pytest.raises(InputError) as caught:
        scenarios.tried(town[2], wrong, "trial.yaml")
    told = [(fault.kind, fault.file, fault.column) for fault in caught.value.faults]
    assert told == [
        ("unknown_facility", "trial.yaml", "changes[1]"),
        ("unknown_service", "trial.yaml", "changes[2]"),
        ("site_unjoined", "trial.yaml", "changes[3]"),
    ]


def test_a_file_comes_back_as_it_was_written(tmp_path):
    kept = trial(site(1100), {"kind": "add_path", "line": [w.lonlat(0), w.lonlat(90)]}, speed_metres_per_second=0.8)
    (tmp_path / "kept.yaml").write_text(scenario_text(kept), encoding="utf-8")
    assert read_scenario(tmp_path / "kept.yaml") == kept


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "add_site", "services": [], "lonlat": [1, 1]}, "services"),
        ({"kind": "add_gate", "lonlat": [191, 1]}, "lonlat"),
        ({"kind": "add_path", "line": [[1, 1]]}, "line"),
        ({"kind": "build_tower"}, "kind"),
    ],
)
def test_wrong_changes_are_refused_with_their_key(change, said):
    with pytest.raises(SettingsError, match=said):
        trial(change)


def test_the_command_prints_and_writes_what_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    study, file, table = w.write_town(tmp_path), tmp_path / "trial.yaml", tmp_path / "compared.csv"
    file.write_text(scenario_text(trial(site(1100))), encoding="utf-8")
    call = CliRunner(env={"COLUMNS": "100"}).invoke(
        cli.app, ["what-if", str(study), str(file), "--json", "-o", str(table)]
    )
    assert call.exit_code == cli.DONE, call.output
    (figures,) = json.loads(call.stdout)["scenarios"]
    row = next(row for row in figures["coverage"] if row["requirement_id"] == "near" and row["scope"] == "study")
    assert (row["residents_covered_before"], row["residents_covered"], row["residents_change"]) == (3, 51, 48)
    assert (row["verdict_before"], row["verdict"]) == ("unmet", "met")
    assert table.read_text(encoding="utf-8-sig").splitlines()[1].startswith('"trial","pharmacy"')
    said = CliRunner(env={"COLUMNS": "80"}).invoke(cli.app, ["what-if", str(study), str(file)])
    assert "试一试" in said.stdout
    assert "+48" in said.stdout
    assert "不达标 → 达标" in said.stdout


def test_score_places_and_clauses_are_those_of_a_full_run_on_the_changed_study():
    """The sample: a site with places and floor, and a path; everything is worked out again from the study as changed."""
    settings = read_study(ROOT / "configs" / "qinghe.yaml")
    today = scenarios.bench(cases.load(settings), settings)
    study = today.study
    corners = lonlat_of(study.network.streets.node_xy[[10, 400]], study.crs).tolist()
    walks = today.town.reach().seconds[service_ids(study).index("kindergarten")]
    home = lonlat_of(study.homes.xy[[np.where(np.isfinite(walks), walks, 0).argmax()]], study.crs)[0].tolist()
    built = {"kind": "add_site", "services": ["kindergarten", "elderly_day_care"], "lonlat": home}
    changes = ({**built, "capacity": 90.0, "floor_m2": 800.0}, {"kind": "add_path", "line": corners})
    done = scenarios.tried(today, trial(*changes))

    full = cases.assess(done.study, settings)
    access = cases.access(done.study, settings, full)
    np.testing.assert_array_equal(done.reach.seconds, full.reach.seconds)
    np.testing.assert_array_equal(done.standing.access.score.score, access.score.score)
    for mine, others in zip(done.standing.access.capacity, access.capacity, strict=True):
        np.testing.assert_array_equal(mine.supply, others.supply)
        np.testing.assert_array_equal(mine.out_of_reach, others.out_of_reach)
    for column in ("rule", "unit", "verdict", "value", "shortfall"):
        np.testing.assert_array_equal(getattr(done.standing.clauses, column), getattr(full.rule_verdicts, column))

    figures = scenario_figures(study, [done], (15.0,))["scenarios"][0]
    whole = next(row for row in figures["score"] if row["scope"] == "study")
    assert whole["living_circle_score"] > whole["living_circle_score_before"]
    places = next(row for row in figures["capacity"] if row["scope"] == "study" and row["service_id"] == "kindergarten")
    assert places["served"] > places["served_before"]
    assert figures["clauses_changed"]
    assert all(
        row["value"] != row["value_before"] or row["verdict"] != row["verdict_before"]
        for row in figures["clauses_changed"]
    )


def test_streets_that_are_added_have_slopes_of_their_own():
    flat, steep = (Grades(np.array([0, 1], np.int32), np.array([100.0]), np.array([rise])) for rise in (0.0, 0.2))
    both = flat.with_more(steep.with_more(flat))
    assert (both.streets, both.climb_metres.tolist()) == (3, [0.0, 20.0, 0.0])
