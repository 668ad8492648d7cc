"""Results in a real PostGIS: all of them or none, nothing of others touched, read back as they were written, also as an input."""

from __future__ import annotations

import shutil
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli, storing
from livingcircle.errors import InputError
from livingcircle.model.standard import Words
from livingcircle.render.tables import tables_of
from livingcircle.replaying import replay
from livingcircle.run_record import changes_since, read_record
from livingcircle.settings import read_study
from livingcircle.settings.outputs import PostgisOutput
from livingcircle.sources.postgis import DATABASE_VARIABLE
from small_town import build_town

psycopg = pytest.importorskip("psycopg")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def database(postgis, monkeypatch):
    """A connection to a server on which the schema `plan` is not there."""
    monkeypatch.setenv(DATABASE_VARIABLE, postgis)
    with psycopg.connect(postgis, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS plan CASCADE")
        yield connection
        connection.execute("DROP SCHEMA IF EXISTS plan CASCADE")


PLAN = PostgisOutput(schema_name="plan")


def tables_in(database, schema: str = "plan") -> set[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
    return {name for (name,) in database.execute(query, [schema]).fetchall()}


def only_fault(call):
    with pytest.raises(InputError) as caught:
        call()
    (fault,) = caught.value.faults
    return fault


# ── What is written ─────────────────────────────────────────────────────────


def test_all_layers_and_tables_come_back_as_they_were(database):
    town = build_town()
    names = storing.store(town, PLAN, "town")
    assert tables_in(database) == set(names) >= {"homes", "districts", "coverage", "rules", "about", "dictionary"}
    tables = tables_of(town)
    for name in ("coverage", "verdicts", "homes"):
        order = [str(column) for column in tables[name].columns]
        columns = ", ".join(f'"{column}"' for column in order)
        rows = database.execute(f"SELECT {columns} FROM plan.{name}").fetchall()  # noqa: S608 - our own names
        back = pd.DataFrame(rows, columns=order)
        for column in order:
            written = tables[name][column].astype(object).where(tables[name][column].notna(), None).replace({"": None})
            assert back[column].astype(object).where(back[column].notna(), None).tolist() == written.tolist(), column
    shapes = database.execute(
        "SELECT ST_AsBinary(geometry), ST_SRID(geometry) FROM plan.homes ORDER BY home_id"
    ).fetchall()
    order = town.study.homes.ids.argsort()
    assert shapely.from_wkb([bytes(shape) for shape, _ in shapes]).tolist() == town.study.homes.geometry[order].tolist()
    assert {f"EPSG:{srid}" for _, srid in shapes} == {town.study.crs}


def test_columns_say_what_they_mean_and_layers_are_indexed(database):
    town = build_town()
    title = Words("占比 50 %：甲'乙\"丙", "50 %: a's; :b")
    storing.store(replace(town, study=replace(town.study, title=title)), PLAN, "town")
    query = (
        "SELECT col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'plan.coverage'::regclass AND attname = 'residents'"
    )
    ((said,),) = database.execute(query).fetchall()
    assert "居民数" in said
    assert said.endswith("[人 / persons]")
    ((told,),) = database.execute("SELECT obj_description('plan.coverage'::regclass)").fetchall()
    assert told.startswith(f"{storing.MARK} town, {title.zh} / {title.en}, ")
    indexes = [
        definition
        for (definition,) in database.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'plan' AND tablename = 'homes'"
        )
    ]
    assert any("gist (geometry)" in one for one in indexes)
    assert any("(home_id)" in one for one in indexes)
    assert len(indexes) == len(set(indexes)) == 3


def test_a_second_run_replaces_the_first_and_keeps_views_and_grants(database):
    town = build_town()
    storing.store(town, PLAN, "town")
    database.execute("CREATE VIEW public.seen AS SELECT home_id FROM plan.homes")
    database.execute("GRANT SELECT ON plan.homes TO PUBLIC")
    try:
        storing.store(town, PLAN, "town")
        ((count,),) = database.execute("SELECT count(*) FROM public.seen").fetchall()
        assert count == len(town.study.homes)
        query = "SELECT has_table_privilege('public', 'plan.homes', 'SELECT')"
        assert database.execute(query).fetchall() == [(True,)]
        assert not [name for name in tables_in(database) if name.startswith(storing.DRAFT)]
    finally:
        database.execute("DROP VIEW public.seen")


def test_tables_whose_columns_changed_are_made_anew_and_those_of_no_more_use_go(database):
    town = build_town()
    storing.store(town, PLAN, "town")
    database.execute("ALTER TABLE plan.coverage DROP COLUMN residents")
    database.execute("CREATE TABLE plan.old (a int)")
    database.execute(f"COMMENT ON TABLE plan.old IS '{storing.MARK} town, last year'")
    storing.store(town, PLAN, "town")
    assert "old" not in tables_in(database)
    ((count,),) = database.execute("SELECT count(residents) FROM plan.coverage").fetchall()
    assert count == len(tables_of(town)["coverage"])


# ── All or nothing, and nothing of others ───────────────────────────────────


def test_tables_of_others_are_neither_replaced_nor_dropped(database):
    database.execute("CREATE SCHEMA plan")
    database.execute("CREATE TABLE plan.homes AS SELECT 1 AS mine")
    database.execute("CREATE VIEW plan.rules AS SELECT 2 AS mine")
    database.execute("CREATE TABLE plan._draft_gaps AS SELECT 3 AS mine")
    fault = only_fault(lambda: storing.store(build_town(), PLAN, "town"))
    assert (fault.kind, fault.details["names"]) == ("foreign_tables", "_draft_gaps, homes, rules")
    assert tables_in(database) == {"_draft_gaps", "homes", "rules"}
    database.execute("DROP TABLE plan.homes, plan._draft_gaps")
    database.execute("DROP VIEW plan.rules")
    database.execute("CREATE TABLE plan.neighbours AS SELECT 1 AS mine")
    storing.store(build_town(), PLAN, "town")
    assert "neighbours" in tables_in(database)


def test_a_schema_holds_one_study(database):
    town = build_town()
    storing.store(town, PLAN, "town")
    fault = only_fault(lambda: storing.store(town, PLAN, "village"))
    assert fault.kind == "foreign_tables"
    database.execute("DROP SCHEMA IF EXISTS village CASCADE")
    storing.store(town, PostgisOutput(), "village")
    assert tables_in(database, "village") == tables_in(database, "plan")
    database.execute("DROP SCHEMA village CASCADE")


def test_what_fails_half_way_leaves_the_former_results(database, monkeypatch):
    town = build_town()
    storing.store(town, PLAN, "town")
    database.execute("DELETE FROM plan.coverage")
    comment = storing._comment

    def failing(connection, schema, name, frame, told):
        comment(connection, schema, name, frame, told)
        if name == "warnings":
            from sqlalchemy import text

            connection.execute(text("SELECT 1/0"))

    monkeypatch.setattr(storing, "_comment", failing)
    fault = only_fault(lambda: storing.store(town, PLAN, "town"))
    assert fault.kind == "store_failed"
    assert "division by zero" in fault.sentence("en")
    assert database.execute("SELECT count(*) FROM plan.coverage").fetchall() == [(0,)]


def test_a_view_that_rests_on_a_table_that_has_to_go_is_told(database):
    storing.store(build_town(), PLAN, "town")
    database.execute("ALTER TABLE plan.coverage ADD COLUMN more int")
    database.execute("CREATE VIEW public.seen AS SELECT residents FROM plan.coverage")
    try:
        fault = only_fault(lambda: storing.store(build_town(), PLAN, "town"))
        assert (fault.kind, "seen" in fault.details["reason"]) == ("store_failed", True)
    finally:
        database.execute("DROP VIEW public.seen")


def test_a_database_without_postgis_or_out_of_reach_is_told_before_anything_is_computed(
    database, postgis, tmp_path, monkeypatch
):
    study = w.write_town(tmp_path)
    database.execute("CREATE DATABASE bare")
    try:
        monkeypatch.setenv("BARE", postgis.replace("dbname=postgres", "dbname=bare"))
        bare = PostgisOutput(schema_name="plan", database="BARE")
        assert only_fault(lambda: storing.require_store(bare)).kind == "no_postgis"
    finally:
        database.execute("DROP DATABASE bare")
    monkeypatch.setenv(DATABASE_VARIABLE, "host=/nowhere user=planner password=s3cret")
    done = CliRunner().invoke(cli.app, ["run", str(study), "--to-postgis", "plan"])
    assert done.exit_code == cli.INPUT_ERROR
    assert "s3cret" not in done.output
    assert not (tmp_path / "runs").exists()


# ── Round trip ──────────────────────────────────────────────────────────────


def test_what_a_run_wrote_is_an_input_of_the_next(database, tmp_path):
    study = w.write_town(tmp_path)
    done = CliRunner().invoke(cli.app, ["run", str(study), "--to-postgis", "plan", "-q"])
    assert done.exit_code == cli.DONE, done.output
    first = cases.run(read_study(study), folder=tmp_path / "first")
    (tmp_path / "homes.sql").write_text(
        'SELECT home_id AS id, residents AS "居民数", geometry FROM plan.homes ORDER BY home_id', encoding="utf-8"
    )
    (tmp_path / "homes.csv").unlink()
    w.change(study, "path: homes.csv", "path: homes.sql")
    second = cases.run(read_study(study), folder=tmp_path / "second")
    coverage = [pd.read_csv(run.folder / "csv" / "coverage.csv") for run in (first, second)]
    pd.testing.assert_frame_equal(*coverage)
    # What a database would say tomorrow no digest can tell: such a study is never taken for unchanged.
    record = read_record(second.files["record"])
    assert changes_since(record, read_study(study)) == ("homes.sql",)
    assert changes_since(read_record(first.files["record"]), read_study(study))[0] == "homes.csv"


def test_a_replay_leaves_the_database_alone(database, tmp_path, monkeypatch):
    study = w.write_town(tmp_path)
    assert CliRunner().invoke(cli.app, ["run", str(study), "--to-postgis", "plan", "-q"]).exit_code == cli.DONE
    monkeypatch.delenv(DATABASE_VARIABLE)
    assert replay(tmp_path / "runs" / "town", [tmp_path]).is_identical


# ── GeoParquet ──────────────────────────────────────────────────────────────


def test_geoparquet_is_read_by_duckdb_and_geopandas(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    study = w.write_town(tmp_path)
    w.change(study, "outputs: {folder: runs}", "outputs: {folder: runs, formats: [geoparquet]}")
    run = cases.run(read_study(study))
    file = run.folder / "geoparquet" / "homes.parquet"
    layer, written = gpd.read_parquet(file), gpd.read_file(run.folder / "results.gpkg", layer="homes")
    assert layer.crs == written.crs
    assert layer.geometry.geom_equals(written.geometry).all()
    assert layer["home_id"].tolist() == written["home_id"].tolist()
    query = f"SELECT sum(residents), min(bbox.xmin) FROM read_parquet('{file}')"  # noqa: S608 - our own path
    ((total, west),) = duckdb.sql(query).fetchall()
    assert total == w.TOTAL
    assert west == pytest.approx(layer.total_bounds[0], rel=1e-6)
    again = cases.run(read_study(study), folder=tmp_path / "again")
    assert (again.folder / "geoparquet" / "homes.parquet").read_bytes() == file.read_bytes()
    shutil.rmtree(again.folder)


def test_what_the_database_did_not_take_is_computed_again_though_nothing_has_changed(database, tmp_path):
    file = w.write_town(tmp_path)
    database.execute("CREATE SCHEMA plan")
    database.execute("CREATE TABLE plan.homes AS SELECT 1 AS mine")
    asked = ["run", str(file), "--to-postgis", "plan", "--since", "last"]
    assert CliRunner().invoke(cli.app, asked).exit_code == cli.INPUT_ERROR
    database.execute("DROP TABLE plan.homes")
    assert "PostGIS 中的成果不完整" in CliRunner().invoke(cli.app, asked).stderr
    assert "homes" in tables_in(database)
    assert "未重算" in CliRunner().invoke(cli.app, asked).stderr
