"""Results in a PostGIS database: the layers of `results.gpkg` and all other tables, as one schema, all of them or none.

Tables that are there are filled anew where their columns are the same, so that grants, views and layers of a GIS that rest on them go on;
where columns differ they are made anew. Only tables that carry our mark in their comment are ever touched.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.results import Results
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.package import column_type
from livingcircle.render.sheets import layers_of
from livingcircle.render.summary import about
from livingcircle.render.tables import tables_of
from livingcircle.settings.outputs import PostgisOutput
from livingcircle.sources.postgis import CONNECT_SECONDS, connection_of, without_password

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

MARK = "living-circle:"
"""What the comments of our tables begin with."""
DRAFT = "_draft_"
LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL."""
FILE = "PostGIS"
_IDS = ("home_id", "facility_id", "candidate_id", "district_id", "service_id", "rule_id", "requirement_id", "plan")

_THERE = """
SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') AS told
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relname = :name AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def require_store(asked: PostgisOutput) -> None:
    """Refuse a database that will not take results, before anything is computed for it.

    Raises
    ------
    InputError
        When it cannot be reached, or has no PostGIS.
    """
    with _opened(asked) as connection:
        from sqlalchemy import text

        if connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")).first() is None:
            raise InputError(Fault("no_postgis", file=FILE, column="outputs.postgis"))


def store(results: Results, asked: PostgisOutput, study: str) -> list[str]:
    """Write all results into a schema in one transaction, in place of what an earlier run of the study left there.

    `study` is its id. Return the names of the tables.

    Comments of tables hold title and date of the run, those of columns what they mean and their unit, in both languages. Empty texts are
    NULL.

    Raises
    ------
    InputError
        When tables of these names are not ours, or the database refuses; it is left as it was.
    """
    tables = tables_of(results)
    layers = layers_of(results, tables)
    frames: dict[str, pd.DataFrame] = {**tables, "about": about(results), **layers}
    name_of_schema = asked.schema_name or study
    mark = f"{MARK} {study}, "
    told = f"{mark}{results.study.title.zh} / {results.study.title.en}, {results.provenance.started_utc}"
    with _opened(asked) as connection:
        from sqlalchemy import text

        schema = _quoted(name_of_schema)
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name_of_schema})
        known = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :n"), {"n": name_of_schema})
        if known.first() is None:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        rows = connection.execute(text(_THERE), {"schema": name_of_schema})
        there: dict[str, str] = {name: told_of for name, told_of in rows}  # noqa: C416 - rows are no pairs to mypy
        wanted = [*frames, *(f"{DRAFT}{name}" for name in frames)]
        foreign = sorted(name for name in wanted if name in there and not there[name].startswith(mark))
        if foreign:
            details = {"names": ", ".join(foreign), "schema": name_of_schema}
            raise InputError(Fault("foreign_tables", file=FILE, details=details))
        for name, frame in frames.items():
            _replace(connection, name_of_schema, name, frame, is_there=name in there)
            _comment(connection, name_of_schema, name, frame, told)
        for name in (name for name, told_of in there.items() if told_of.startswith(mark) and name not in frames):
            connection.execute(text(f"DROP TABLE {schema}.{_quoted(name)}"))
    return list(frames)


def holds(asked: PostgisOutput, study: str, started_utc: str) -> bool:
    """Whether the database holds the results of that run of a study, by its id and when it began, and of no other.

    Raises
    ------
    InputError
        When it cannot be asked.
    """
    with _opened(asked) as connection:
        from sqlalchemy import text

        there = connection.execute(text(_THERE), {"schema": asked.schema_name or study})
        told = [comment for _, comment in there if comment.startswith(f"{MARK} {study}, ")]
    return bool(told) and all(comment.endswith(f", {started_utc}") for comment in told)


@contextmanager
def _opened(asked: PostgisOutput) -> Iterator[Connection]:
    """Open a transaction that holds when nothing is raised; what goes wrong is told without the password."""
    address = connection_of(FILE, asked.database)
    try:
        import geoalchemy2  # noqa: F401 - geopandas needs it to write geometry
        import psycopg
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError as error:
        raise InputError(Fault("postgis_not_installed", file=FILE)) from error
    try:
        # psycopg reads the address itself, so that services and password files of libpq hold.
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(address, connect_timeout=CONNECT_SECONDS, client_encoding="utf8"),
        )
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()
    except (SQLAlchemyError, psycopg.Error) as error:
        told = str(getattr(error, "orig", None) or error)
        reason = without_password(" ".join(told.split()), address)
        raise InputError(Fault("store_failed", file=FILE, details={"reason": reason})) from error


def _replace(connection: Connection, schema: str, name: str, frame: pd.DataFrame, *, is_there: bool) -> None:
    """Write a table beside the one that is there, and fill that one from it, or put it in its place where columns differ."""
    from sqlalchemy import text

    draft = f"{DRAFT}{name}"
    place, drafted = f"{_quoted(schema)}.{_quoted(name)}", f"{_quoted(schema)}.{_quoted(draft)}"
    named = frame.rename(columns=_short_names(frame))
    types = _types(frame)
    if "geometry" in frame.columns:
        geopandas.GeoDataFrame(named).to_postgis(draft, connection, schema=schema, index=False, dtype=types)
        connection.execute(text(f"DROP INDEX IF EXISTS {_quoted(schema)}.{_quoted(f'idx_{draft}_geometry')}"))
    else:
        named.to_sql(draft, connection, schema=schema, index=False, dtype=types, method=_by_copy)
    if is_there:
        columns = [
            [tuple(row) for row in connection.execute(text(_COLUMNS), {"schema": schema, "name": one})]
            for one in (name, draft)
        ]
        if columns[0] == columns[1]:
            connection.execute(text(f"TRUNCATE {place}"))
            connection.execute(text(f"INSERT INTO {place} SELECT * FROM {drafted}"))  # noqa: S608 - both are quoted
            connection.execute(text(f"DROP TABLE {drafted}"))
            return
        connection.execute(text(f"DROP TABLE {place}"))
    connection.execute(text(f"ALTER TABLE {drafted} RENAME TO {_quoted(name)}"))
    if "geometry" in frame.columns:
        connection.execute(text(f"CREATE INDEX ON {place} USING gist (geometry)"))
    for column in (name for name in _IDS if name in frame.columns):
        connection.execute(text(f"CREATE INDEX ON {place} ({_quoted(column)})"))


def _by_copy(table: Any, connection: Any, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Fill a table by COPY, as pandas asks it of a method."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    columns = ", ".join(f'"{name}"' for name in names)
    query = f'COPY "{table.schema}"."{table.name}" ({columns}) FROM STDIN WITH (FORMAT csv)'
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.write(text.getvalue())


def _comment(connection: Connection, schema: str, name: str, frame: pd.DataFrame, told: str) -> None:
    from sqlalchemy import text

    place = f"{_quoted(schema)}.{_quoted(name)}"
    meanings = {short: _meaning(column) for column, short in _short_names(frame).items()}
    statements = [
        f"COMMENT ON TABLE {place} IS {_literal(told)}",
        *(
            f"COMMENT ON COLUMN {place}.{_quoted(short)} IS {_literal(said)}"
            for short, said in meanings.items()
            if said
        ),
    ]
    connection.execute(text(";\n".join(statements)))  # in one go: a server is asked a thousand times otherwise


def _meaning(column: str) -> str:
    """Return what a column means and its unit, in both languages, with the whole name of one that had to be cut."""
    try:
        entry = COLUMNS[column_entry(column)[0]]
    except KeyError:  # the geometry, the lines of `about` and shares of districts by service
        return ""
    units = "" if not entry.unit.zh else f" [{entry.unit.zh} / {entry.unit.en}]"
    whole = f"{column}: " if len(column.encode()) > LONGEST_NAME else ""
    return f"{whole}{entry.meaning.zh} / {entry.meaning.en}{units}"


def _types(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the type of every column but the geometry: the same from run to run, whatever the rows are."""
    from sqlalchemy import BigInteger, Boolean, Double, Text

    types = {"boolean": Boolean, "integer": BigInteger, "number": Double, "string": Text}
    short = _short_names(frame)
    return {short[name]: types[column_type(name, frame[name])] for name in frame.columns if name != "geometry"}


def _short_names(frame: pd.DataFrame) -> Mapping[str, str]:
    """Return the names of columns in the database: those that are too long are cut, and told apart by a digest."""
    return {name: _short(str(name)) for name in frame.columns}


def _short(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    ending = "_" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: LONGEST_NAME - len(ending)].decode(errors="ignore") + ending


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace(":", "\\:") + '"'


def _literal(said: str) -> str:
    """Return a text as SQL; comments take no parameters."""
    return "'" + said.replace("'", "''").replace(":", "\\:") + "'"
