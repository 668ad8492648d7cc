"""Layers that a database answers: with a recorded answer, and with a real PostGIS where there is one."""

from __future__ import annotations

import sys
from decimal import Decimal
from types import ModuleType, SimpleNamespace

import pytest
import shapely

from livingcircle.sources.columns import number_column, text_column
from livingcircle.sources.layers import LayerSource, open_layer
from livingcircle.sources.postgis import DATABASE_VARIABLE, without_password

SECRET = "s3cret-word"  # noqa: S105 - of no one
QUERY = "SELECT code, name, households, geom FROM homes ORDER BY code;"
GEOMETRY = 17_001


def hexadecimal(shape: shapely.Geometry, srid: int = 4490) -> str:
    return shapely.to_wkb(shapely.set_srid(shape, srid), hex=True, include_srid=True)


ANSWER = (
    (("code", 25), ("name", 25), ("households", 1700), ("geom", GEOMETRY)),
    [
        ("01", "甲小区", Decimal("1200.5"), hexadecimal(shapely.Point(118.75, 32.06))),
        ("02", "乙小区", None, hexadecimal(shapely.Point(118.76, 32.07))),
    ],
)


@pytest.fixture
def recorded(monkeypatch):
    """Stand for psycopg with an answer; `asked` keeps what it was asked."""
    asked = SimpleNamespace(answer=ANSWER, error=None, connection=None, options=None, query=None)

    class Connection:
        info = SimpleNamespace(host="db.example.cn", dbname="plan")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def execute(self, query, *, prepare=None):
            if "pg_type" in query:
                return SimpleNamespace(fetchall=lambda: [(GEOMETRY,)])
            asked.query, asked.prepare = query, prepare
            columns, rows = asked.answer
            description = [SimpleNamespace(name=name, type_code=kind) for name, kind in columns]
            return SimpleNamespace(description=description, fetchmany=lambda most: rows[:most])

    def connect(connection, **options):
        asked.connection, asked.options = connection, options
        if asked.error:
            raise asked.error
        return Connection()

    module = ModuleType("psycopg")
    module.Error = type("Error", (Exception,), {})
    module.connect = connect
    monkeypatch.setitem(sys.modules, "psycopg", module)
    monkeypatch.setenv(DATABASE_VARIABLE, f"postgresql://planner:{SECRET}@db.example.cn/plan")
    asked.module = module
    return asked


@pytest.fixture
def query_file(tmp_path):
    (tmp_path / "homes.sql").write_text(QUERY, encoding="utf-8")
    return tmp_path / "homes.sql"


def only_fault(path, database=None):
    layer = open_layer(LayerSource(path, database=database), needed="points")
    (fault,) = layer.faults
    for language in ("zh", "en"):
        assert SECRET not in fault.sentence(language)
        assert "{" not in fault.sentence(language)
    return fault


def test_an_answer_is_a_layer_in_its_own_system(recorded, query_file):
    layer = open_layer(LayerSource(query_file), needed="points")
    assert layer.faults == ()
    assert layer.frame.crs == "EPSG:4490"
    assert shapely.get_x(layer.frame.geometry).tolist() == [118.75, 118.76]
    assert text_column(layer, "code").tolist() == ["01", "02"]
    assert number_column(layer, "households")[0] == 1200.5
    assert recorded.query == QUERY.rstrip(";")
    assert recorded.prepare is True
    assert "default_transaction_read_only=on" in recorded.options["options"]


def test_what_was_answered_is_carried_without_the_password(recorded, query_file):
    (said,) = [
        one for one in open_layer(LayerSource(query_file), needed="points").warnings if one.kind == "database_answer"
    ]
    assert (said.severity, said.details["rows"], said.details["server"]) == ("warning", 2, "db.example.cn/plan")
    again = open_layer(LayerSource(query_file), needed="points")
    assert said in again.warnings
    recorded.answer = (ANSWER[0], ANSWER[1][:1])
    assert said.details["digest"] not in str(open_layer(LayerSource(query_file), needed="points").warnings)
    assert SECRET not in repr(again.warnings) + repr(again.source)


@pytest.mark.parametrize(
    "database",
    [
        f"postgresql://planner:{SECRET}@db/plan",
        f"postgresql://db/plan?user=planner&password={SECRET}",
        f"postgresql://db/plan?sslpassword={SECRET}",
        f"host=db password={SECRET}",
    ],
)
def test_a_password_in_the_study_file_is_refused_and_not_repeated(recorded, query_file, database):
    assert only_fault(query_file, database).kind == "password_in_settings"
    assert recorded.connection is None


def test_an_address_without_a_password_and_a_named_variable(recorded, query_file, monkeypatch):
    open_layer(LayerSource(query_file, database="postgresql://planner@db/plan"), needed="points")
    assert recorded.connection == "postgresql://planner@db/plan"
    monkeypatch.setenv("PLAN_DB", "service=plan")
    open_layer(LayerSource(query_file, database="PLAN_DB"), needed="points")
    assert recorded.connection == "service=plan"
    fault = only_fault(query_file, "NOT_SET")
    assert (fault.kind, fault.value) == ("database_unset", "NOT_SET")


def test_what_libpq_says_of_a_connection_is_told_without_its_password(recorded, query_file):
    recorded.error = recorded.module.Error(f'invalid port number: "{SECRET}@db.example.cn"')
    fault = only_fault(query_file)
    assert (fault.kind, fault.details["reason"]) == ("query_failed", 'invalid port number: "…@db.example.cn"')


@pytest.mark.parametrize(
    "connection", [f"host=db password='{SECRET}'", f"postgresql://u:{SECRET}@h/d", f"postgresql://h?password={SECRET}"]
)
def test_passwords_are_taken_out_however_they_are_written(connection):
    assert SECRET not in without_password(f"cannot use {connection} with {SECRET}", connection)


@pytest.mark.parametrize(
    ("columns", "rows", "kind"),
    [
        ((("a", 25), ("a", 25), ("geom", GEOMETRY)), [("x", "y", hexadecimal(shapely.Point(1, 2)))], "query_columns"),
        ((("g", GEOMETRY), ("h", GEOMETRY)), [(hexadecimal(shapely.Point(1, 2)),) * 2], "query_columns"),
        ((("g", GEOMETRY),), [(hexadecimal(shapely.Point(1, 2), srid),) for srid in (4326, 4490)], "mixed_srids"),
        ((("g", GEOMETRY),), [(hexadecimal(shapely.Point(1, 2), 0),)], "no_crs"),
        ((("g", GEOMETRY),), [], "empty_layer"),
    ],
)
def test_answers_that_are_no_layer(recorded, query_file, columns, rows, kind):
    recorded.answer = (columns, rows)
    assert only_fault(query_file).kind == kind


def test_an_answer_of_numbers_takes_points_from_its_columns(recorded, query_file):
    recorded.answer = ((("lon", 701), ("lat", 701)), [(118.5, 32.0)])
    layer = open_layer(LayerSource(query_file), needed="points")
    assert (layer.faults, layer.frame.geometry[0].wkt) == ((), "POINT (118.5 32)")


def test_without_the_component_it_says_how_to_install_it(query_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv(DATABASE_VARIABLE, "service=plan")
    assert only_fault(query_file).kind == "postgis_not_installed"


def test_a_query_that_is_not_there_is_a_missing_file(tmp_path):
    assert only_fault(tmp_path / "none.sql").kind == "missing_file"


# ── A real server ───────────────────────────────────────────────────────────


def test_a_real_server_answers_and_cannot_be_written_to(tmp_path, postgis, monkeypatch):
    monkeypatch.setenv("PLAN_DB", postgis)
    path = tmp_path / "a.sql"
    path.write_text(
        "SELECT 1 AS id, '颐和路' AS name, 12.5::numeric AS floor, date '2020-05-01' AS day, 50 % 7 AS rest,"
        " ST_SetSRID(ST_MakePoint(118.75, 32.06), 4326) AS geom",
        encoding="utf-8",
    )
    layer = open_layer(LayerSource(path, database="PLAN_DB"), needed="points")
    assert layer.faults == ()
    assert layer.frame.crs == "EPSG:4326"
    assert layer.frame.drop(columns="geometry").astype(str).to_numpy().tolist() == [
        ["1", "颐和路", "12.5", "2020-05-01", "1"]
    ]
    assert layer.frame.geometry[0].wkt == "POINT (118.75 32.06)"
    for harm in (
        "CREATE TABLE living_circle_test (a int)",
        "SELECT 1; SELECT 2",
        "COMMIT; CREATE TABLE living_circle_test (a int)",
        "SELECT * FROM living_circle_none",
        "",
    ):
        path.write_text(harm)
        (fault,) = open_layer(LayerSource(path, database="PLAN_DB"), needed="points").faults
        assert fault.kind in {"query_failed", "empty_layer"}


def test_a_wrong_password_is_told_without_it(tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    (tmp_path / "a.sql").write_text("SELECT 1")
    monkeypatch.setenv("WRONG", f"postgresql://nobody:{SECRET}@127.0.0.1:1/none")
    layer = open_layer(LayerSource(tmp_path / "a.sql", database="WRONG"), needed="points")
    assert [fault.kind for fault in layer.faults] == ["query_failed"]
    assert SECRET not in repr(layer.faults)
