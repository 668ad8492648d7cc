"""Files made to do harm, or merely broken: each is one clear fault, none a traceback, a hang or gigabytes of memory."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import xlsxwriter

from livingcircle.errors import InputError
from livingcircle.sources import safety
from livingcircle.sources.formats import FORMATS, LONGEST_CELL, read_rows
from livingcircle.sources.osm import read_tagged
from livingcircle.sources.streets import streets_from_graphml

FRAME = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(118, 32)], crs="EPSG:4326")
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>"
)


def fault_of(path: Path, layer: str | None = None):
    with pytest.raises(InputError) as raised:
        read_rows(path, layer)
    (fault,) = raised.value.faults
    assert fault.file == str(path)
    for language in ("zh", "en"):
        assert "{" not in fault.sentence(language)
        assert len(fault.sentence(language)) < 1000
    return fault


# ── What is no file ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", FORMATS)
def test_folders_pipes_and_devices_are_no_files(tmp_path, suffix):
    (tmp_path / f"folder{suffix}").mkdir()
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    for name in ("folder", "pipe", "zero"):
        assert fault_of(tmp_path / f"{name}{suffix}").kind == "not_a_file"


@pytest.mark.parametrize("name", ["none.csv", "a\0.csv", "long" * 100 + ".csv"])
def test_names_no_file_can_have_are_missing_files(tmp_path, name):
    assert fault_of(tmp_path / name).kind == "missing_file"


def test_a_link_that_leads_to_itself_is_missing(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "a.csv")
    assert fault_of(tmp_path / "a.csv").kind == "missing_file"


# ── Archives ────────────────────────────────────────────────────────────────


def archive_of(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:/a.csv", "..\\a.csv", "\\\\host\\a.csv"]
)
@pytest.mark.parametrize("suffix", [".zip", ".kmz"])
def test_paths_that_lead_out_of_an_archive(tmp_path, name, suffix):
    fault = fault_of(archive_of(tmp_path / f"a{suffix}", **{name: b"lon,lat\n1,2\n"}))
    assert (fault.kind, fault.value) == ("unsafe_archive", name)
    assert sorted(tmp_path.iterdir()) == [tmp_path / f"a{suffix}"]


def test_a_link_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        member = zipfile.ZipInfo("a.csv")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    assert fault_of(tmp_path / "a.zip").kind == "unsafe_archive"


def test_an_archive_that_says_how_large_it_is(tmp_path):
    fault = fault_of(archive_of(tmp_path / "a.zip", **{"a.csv": bytes(200 * 2**20)}))
    assert fault.kind == "archive_too_large"
    assert "0.2 GiB" in fault.sentence("en")


def understated(path: Path, name: str, content: bytes, stated: int) -> Path:
    """Write an archive whose table of contents says less than there is; the check sum is that of what is stated."""
    archive_of(path, **{name: content})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = data.index(signature) + offset
        packed = struct.unpack_from("<I", data, at + 4)[0]
        struct.pack_into("<III", data, at, zlib.crc32(content[:stated]), packed, stated)
    path.write_bytes(bytes(data))
    return path


def test_an_archive_that_understates_its_size(tmp_path):
    assert (
        fault_of(understated(tmp_path / "a.zip", "a.csv", b"lon,lat\n" + b"1,2\n" * 10**6, 12)).kind
        == "archive_too_large"
    )


def test_a_workbook_that_understates_its_size(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write(0, 0, "x" * 30_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        content = {member: archive.read(member) for member in archive.namelist()}
    first = next(iter(content))
    assert fault_of(understated(tmp_path / "b.xlsx", first, content[first] * 50, 100)).kind == "archive_too_large"


def test_a_workbook_with_too_much_in_it(tmp_path, monkeypatch):
    pd.DataFrame({"lon": range(1000), "lat": range(1000)}).to_excel(tmp_path / "a.xlsx", index=False)
    monkeypatch.setattr(safety, "MOST_UNPACKED_BYTES", 10_000)
    assert fault_of(tmp_path / "a.xlsx").kind == "archive_too_large"


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZ900000"])
def test_a_stray_cell_at_the_end_of_a_sheet(tmp_path, cell):
    book = openpyxl.Workbook()
    book.active.append(["lon", "lat"])
    book.active[cell] = 1
    book.save(tmp_path / "a.xlsx")
    fault = fault_of(tmp_path / "a.xlsx")
    assert fault.kind == "sheet_too_large"


def test_formatted_cells_without_content_do_not_count(tmp_path):
    book = openpyxl.Workbook()
    for row in (["lon", "lat"], [118, 32]):
        book.active.append(row)
    book.active["XFD1048576"].number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    assert len(read_rows(tmp_path / "a.xlsx", None)[0]) == 1


@pytest.mark.parametrize("suffix", [".zip", ".kmz", ".xlsx"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_archives_cut_short(tmp_path, suffix, share):
    if suffix == ".xlsx":
        pd.DataFrame({"lon": range(100), "lat": range(100)}).to_excel(tmp_path / "a.xlsx", index=False)
    else:
        archive_of(tmp_path / f"a{suffix}", **{"a.csv": os.urandom(1000), "a.kml": os.urandom(1000)})
    path = tmp_path / f"a{suffix}"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert fault_of(path).kind == "unreadable_file"


def test_archives_with_no_layer_or_several(tmp_path):
    table = b"lon,lat\n1,2\n"
    assert fault_of(archive_of(tmp_path / "none.zip", **{"readme.docx": b"x"})).details["count"] == 0
    path = archive_of(tmp_path / "two.zip", **{"a.csv": table, "b.csv": table + b"3,4\n", "__MACOSX/._a.csv": b"x"})
    fault = fault_of(path)
    assert (fault.kind, fault.details["layers"]) == ("archive_layers", "a.csv, b.csv")
    assert len(read_rows(path, "b.csv")[0]) == len(read_rows(path, "b")[0]) == 2
    nested = archive_of(tmp_path / "nested.zip", **{"a.zip": path.read_bytes()})
    assert fault_of(nested).kind == "archive_layers"


def test_faults_within_an_archive_name_the_archive(tmp_path):
    path = archive_of(tmp_path / "a.zip", **{"a.csv": b'id,name\n1,"a\n'})
    assert fault_of(path).kind == "broken_quotes"


def test_a_locked_workbook(tmp_path):
    # An encrypted workbook is a compound file with a stream of this name.
    path = archive_of(tmp_path / "a.zip", **{"a.csv": b"lon,lat\n1,2\n"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(bytes(data))
    assert fault_of(path).kind == "password_protected"


# ── XML ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_kml(tmp_path, encoding):
    text = (
        LAUGHS.replace('"1.0"', f'"1.0" encoding="{encoding}"') + "<kml><Placemark><name>&j;</name></Placemark></kml>"
    )
    (tmp_path / "a.kml").write_bytes(text.encode(encoding))
    assert fault_of(tmp_path / "a.kml").kind == "xml_entities"
    path = archive_of(tmp_path / "a.kmz", **{"doc.kml": text.encode(encoding)})
    assert fault_of(path).kind == "xml_entities"


def test_a_document_type_behind_a_long_comment(tmp_path):
    text = LAUGHS.replace("<!DOCTYPE", f"<!--{'x' * 3_000_000}--><!DOCTYPE") + "<kml/>"
    (tmp_path / "a.kml").write_text(text)
    assert fault_of(tmp_path / "a.kml").kind == "xml_entities"


def test_entities_in_extracts_and_graphs(tmp_path):
    (tmp_path / "a.osm").write_text(
        LAUGHS + '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="a" v="&j;"/></node></osm>'
    )
    with pytest.raises(InputError) as raised:
        read_tagged(tmp_path / "a.osm", [{"a": "b"}])
    assert [fault.kind for fault in raised.value.faults] == ["xml_entities"]
    (tmp_path / "a.graphml").write_text(LAUGHS + "<graphml>&j;</graphml>")
    with pytest.raises(InputError) as raised:
        streets_from_graphml(tmp_path / "a.graphml", None)
    assert [fault.kind for fault in raised.value.faults] == ["xml_entities"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_kml_cut_short(tmp_path, share):
    pd.concat([FRAME] * 500).to_file(tmp_path / "a.kml", driver="LIBKML")
    content = (tmp_path / "a.kml").read_bytes()
    (tmp_path / "a.kml").write_bytes(content[: int(len(content) * share)])
    assert fault_of(tmp_path / "a.kml").kind == "unreadable_file"


# ── Cells and rows ──────────────────────────────────────────────────────────


def test_a_cell_of_ten_million_letters(tmp_path):
    long = "字" * 10_000_000
    (tmp_path / "a.csv").write_text(f"id,name,lon,lat\n1,a,118,32\n2,{long},118,32\n", encoding="utf-8")
    fault = fault_of(tmp_path / "a.csv")
    assert (fault.kind, fault.row) == ("oversized_cell", 3)
    FRAME.assign(name=long).to_file(tmp_path / "a.gpkg")
    fault = fault_of(tmp_path / "a.gpkg")
    assert (fault.kind, fault.row, fault.column) == ("oversized_cell", 1, "name")


def test_a_cell_of_a_hundred_thousand_letters_is_read(tmp_path):
    (tmp_path / "a.csv").write_text(f"id,name,lon,lat\n1,{'a' * (LONGEST_CELL - 100)},118,32\n")
    assert len(read_rows(tmp_path / "a.csv", None)[0]) == 1


def test_a_parquet_of_a_billion_rows_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("livingcircle.sources.formats.MOST_ROWS", 1000)
    pq.write_table(pa.table({"lon": pa.array([118.0] * 1001), "lat": pa.array([32.0] * 1001)}), tmp_path / "a.parquet")
    assert fault_of(tmp_path / "a.parquet").kind == "layer_too_large"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + bytes(100), b"\0" * 5000, b"lon,lat\n1,2\0\n" + b"x" * 5000 + b"\0"]
)
def test_a_table_that_is_no_text(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    assert fault_of(tmp_path / "a.csv").kind in {"wrong_content", "broken_encoding", "empty_layer"}


def test_a_header_with_thousands_of_columns(tmp_path):
    for count in (16_384, 16_385):
        (tmp_path / f"{count}.csv").write_text(",".join(["x"] * count) + "\n" + ",".join(["1"] * count) + "\n")
    assert read_rows(tmp_path / "16384.csv", None)[0].columns[[0, 1, -1]].tolist() == ["x", "x.2", "x.16384"]
    assert fault_of(tmp_path / "16385.csv").kind == "too_many_columns"
