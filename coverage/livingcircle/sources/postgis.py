"""Rows a PostGIS database answers a query with. The query is a file (`homes.sql`) beside the study; the database is never told in it.

Passwords come from the environment or from libpq's own files (`~/.pgpass`), and go into no fault, record or output.
"""

from __future__ import annotations

import decimal
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.tables import Table

DATABASE_VARIABLE = "LIVING_CIRCLE_DATABASE"
"""Variable of the environment with the connection, where a layer states none."""
MOST_ROWS = 5_000_000
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 300
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_query(path: Path, database: str | None) -> Table:
    """Read the rows of one query, those with geometry as a GeoDataFrame; what they were is warned of, for they may be others tomorrow.

    The query is sent as it stands, alone, in a transaction that cannot write, and given up after five minutes.

    Parameters
    ----------
    path
        A file with one SELECT.
    database
        Name of a variable of the environment that holds a connection, or an address without a password such as
        `postgresql://planner@db.example.cn/plan`; `DATABASE_VARIABLE` when None.

    Raises
    ------
    InputError
        With the fault that keeps the query from being answered.
    """
    connection = connection_of(str(path), database)
    try:
        import psycopg
    except ImportError as error:
        raise InputError(Fault("postgis_not_installed", file=str(path))) from error
    try:
        query = path.read_text("utf-8-sig").strip().rstrip(";")
        # Left to the server's own reading of the connection, so that its own files of passwords and services hold.
        limits = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_SECONDS * 1000}"
        with psycopg.connect(connection, connect_timeout=CONNECT_SECONDS, options=limits) as opened:
            types = opened.execute("SELECT oid FROM pg_type WHERE typname IN ('geometry', 'geography')").fetchall()
            # Prepared, because several statements, of which one could end the transaction, cannot be.
            answer = opened.execute(query, prepare=True)
            columns = [(column.name, column.type_code) for column in answer.description or ()]
            rows = answer.fetchmany(MOST_ROWS + 1)
            server = f"{opened.info.host}/{opened.info.dbname}"
    except (psycopg.Error, UnicodeError) as error:
        reason = without_password(" ".join(str(error).split()), connection)
        raise InputError(Fault("query_failed", file=str(path), details={"reason": reason})) from error
    if len(rows) > MOST_ROWS:
        raise InputError(Fault("layer_too_large", file=str(path), details={"rows": len(rows), "most": MOST_ROWS}))
    if not rows:
        raise InputError(Fault("empty_layer", file=str(path)))
    frame = _frame(path, columns, rows, {oid for (oid,) in types})
    details: dict[str, str | float] = {"rows": len(rows), "server": server, "digest": _digest(rows)[:16]}
    return frame, [Fault("database_answer", file=str(path), details=details)]


def connection_of(file: str, database: str | None) -> str:
    """Return what to connect with; a password in the study file is refused, and not repeated.

    `file` is named in faults, `database` is that of `read_query`.

    Raises
    ------
    InputError
        When there is none, or it holds a password.
    """
    stated = database or DATABASE_VARIABLE
    if "://" in stated:
        address = urlsplit(stated)
        if address.password is not None or any("password" in key for key, _ in parse_qsl(address.query)):
            raise InputError(Fault("password_in_settings", file=file))
        return stated
    if not _VARIABLE.fullmatch(stated):
        raise InputError(Fault("password_in_settings", file=file))
    if not os.environ.get(stated):
        raise InputError(Fault("database_unset", file=file, value=stated))
    return os.environ[stated]


def without_password(reason: str, connection: str) -> str:
    """Return a reason without what it may repeat of a connection, which libpq does where it cannot read it."""
    secrets = {
        connection,
        *re.findall(r"password\s*=\s*'?([^'&\s]+)", connection),
        *re.findall(r":([^:/@]+)@", connection),
    }
    for secret in sorted(secrets, key=len, reverse=True):
        reason = reason.replace(secret, "…")
    return reason if "://" not in reason and "password=" not in reason else "…"


def _frame(
    path: Path, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]], geometry_types: set[int]
) -> pd.DataFrame:
    names = [name for name, _ in columns]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    shapes = [position for position, (_, kind) in enumerate(columns) if kind in geometry_types]
    if repeated or len(shapes) > 1:
        listed = ", ".join(repeated or [names[position] for position in shapes])
        raise InputError(Fault("query_columns", file=str(path), value=listed))
    cells = dict(zip(names, zip(*rows, strict=True), strict=True))
    frame = pd.DataFrame({name: _plain(cells[name]) for position, name in enumerate(names) if position not in shapes})
    if not shapes:
        return frame
    geometry = shapely.from_wkb(np.array(cells[names[shapes[0]]], dtype=object))  # as text: hexadecimal, with its SRID
    known = np.unique(shapely.get_srid(geometry[~shapely.is_missing(geometry)]))
    if len(known) > 1:
        listed = ", ".join(map(str, known))
        raise InputError(Fault("mixed_srids", file=str(path), value=listed))
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=_crs(known))


def _plain(values: Sequence[Any]) -> Sequence[Any]:
    return [float(value) if isinstance(value, decimal.Decimal) else value for value in values]


def _crs(srids: np.ndarray[Any, Any]) -> pyproj.CRS | None:
    """Return the system of an SRID, None for 0 and for numbers only that database knows."""
    try:
        return pyproj.CRS.from_epsg(int(srids[0])) if len(srids) and srids[0] else None
    except pyproj.exceptions.CRSError:
        return None


def _digest(rows: Iterable[Sequence[Any]]) -> str:
    """Return the SHA-256 of all cells as text, in the order of the answer."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update("\x1f".join(map(str, row)).encode() + b"\x1e")
    return digest.hexdigest()
