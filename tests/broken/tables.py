"""Broken tables: CSV and workbooks as offices, other systems and ill-wishers make them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import xlsxwriter

import written_town as w
from broken.corpus import Changes, broken, csv_text, cut, home_rows, homes, homes_at, readable, with_cell, write_homes
from livingcircle.model.study import Study

RESIDENTS = "居民数"

# ── Text: encodings, quotation marks, line ends ─────────────────────────────


@broken("homes", ("broken_quotes", 7))
def csv_cut_in_a_quotation(folder: Path) -> None:
    rows = home_rows()
    rows[6][0] = '"H6'
    (folder / "homes.csv").write_text(csv_text(rows)[:-20], encoding="utf-8")


@broken("homes", ("broken_encoding", 8))
def csv_cut_in_a_letter(folder: Path) -> None:
    text = csv_text([*([*row, "居民小区"] for row in home_rows()), ["H7", *home_rows()[1][1:3], "3", "小区"]])
    (folder / "homes.csv").write_bytes(text.encode()[:-2])


@broken("homes", ("broken_encoding", 4))
def csv_of_two_encodings(folder: Path) -> None:
    lines = csv_text([[*row, "住宅小区"] for row in home_rows()]).encode().splitlines(keepends=True)
    lines[3:] = [line.decode().encode("gb18030") for line in lines[3:]]
    (folder / "homes.csv").write_bytes(b"".join(lines))


@readable("homes", "encoding_found")
def csv_in_utf16(folder: Path) -> None:
    write_homes(folder, home_rows(), "utf-16")


@readable("homes", "encoding_found")
def csv_in_utf16_without_mark(folder: Path) -> None:
    write_homes(folder, home_rows(), "utf-16-le")


@broken("homes", ("broken_encoding", 7))
def csv_in_utf16_cut_in_a_letter(folder: Path) -> None:
    (folder / "homes.csv").write_bytes(csv_text(home_rows()).rstrip("\n").encode("utf-16")[:-1])


@broken("homes", "unknown_encoding")
def csv_in_latin1(folder: Path) -> None:
    rows = home_rows()
    rows[0][3] = "Einwohner"
    write_homes(folder, [[*row, "Müllerstraße"] for row in rows], "latin-1")


@broken("homes", "unknown_encoding")
def csv_in_big5(folder: Path) -> None:
    write_homes(folder, [[*row[:3], "國民住宅社區"] for row in home_rows()], "big5")


@broken("homes", "wrong_content")
def csv_with_a_zero_byte(folder: Path) -> None:
    write_homes(folder, with_cell(4, 0, "H\0"))


@broken("homes", "empty_layer")
def csv_of_a_byte_order_mark(folder: Path) -> None:
    (folder / "homes.csv").write_bytes(b"\xef\xbb\xbf")


@broken("homes", "empty_layer")
def csv_of_a_header(folder: Path) -> None:
    write_homes(folder, home_rows()[:1])


@readable("homes")
def csv_with_ends_of_old_macintosh(folder: Path) -> None:
    (folder / "homes.csv").write_bytes(csv_text(home_rows(), end="\r").encode())


@readable("homes")
def csv_split_at_tabs(folder: Path) -> None:
    (folder / "homes.csv").write_text(csv_text(home_rows(), "\t"), encoding="utf-8")


@readable("homes")
def csv_with_line_breaks_in_cells(folder: Path) -> None:
    write_homes(folder, [[*row, '"1\n2, 3"'] for row in home_rows()])


@broken("homes", ("too_many_cells", 3))
def csv_with_a_comma_in_a_name(folder: Path) -> None:
    rows = home_rows()
    rows[2].append("again")
    write_homes(folder, rows)


@broken("homes", ("empty_geometry", 4, "lat"), ("missing_value", 4, RESIDENTS))
def csv_with_a_row_that_ends_early(folder: Path) -> None:
    rows = home_rows()
    rows[3] = rows[3][:2]
    write_homes(folder, rows)


@broken("homes", ("oversized_cell", 3))
def csv_with_a_cell_of_ten_million_letters(folder: Path) -> None:
    write_homes(folder, with_cell(3, 0, "字" * 10_000_000))


@broken("homes", "too_many_columns")
def csv_of_twenty_thousand_columns(folder: Path) -> None:
    more = [""] * 20_000
    write_homes(folder, [[*row, *more] for row in home_rows()])


@broken("homes", "wrong_content")
def csv_that_is_a_workbook(folder: Path) -> None:
    homes().drop(columns="geometry").to_excel(folder / "homes.xlsx", index=False)
    (folder / "homes.xlsx").rename(folder / "homes.csv")


# ── What stands in the cells ────────────────────────────────────────────────


@broken("homes", ("duplicate_id", 5, "id"))
def ids_twice(folder: Path) -> None:
    write_homes(folder, with_cell(5, 0, "H1"))


@broken("homes", ("missing_value", 3, "id"))
def ids_missing(folder: Path) -> None:
    write_homes(folder, with_cell(3, 0, "  "))


@readable("homes", "repeated_column")
def a_column_twice(folder: Path) -> None:
    write_homes(folder, [[*row, "7" if number else RESIDENTS] for number, row in enumerate(home_rows())])


@broken("homes", ("negative_number", 2, RESIDENTS), ("negative_number", 3, RESIDENTS))
def counts_below_zero(folder: Path) -> None:
    rows = with_cell(2, 3, "-1")
    rows[2][3] = "－2"
    write_homes(folder, rows)


@broken("homes", *(("not_a_number", row, RESIDENTS) for row in range(2, 6)), ("number_range", 6, RESIDENTS))
def counts_of_mixed_types(folder: Path) -> None:
    rows = home_rows()
    for row, cell in zip(rows[1:], ["many", "TRUE", "2024-05-01", "1e999", "10-20", "32"], strict=True):
        row[3] = cell
    write_homes(folder, rows)


@broken("homes", ("not_a_number", 2, RESIDENTS), ("not_a_number", 3, RESIDENTS), ("formula_error", 4, RESIDENTS))
def counts_that_are_formulas(folder: Path) -> None:
    rows = home_rows()
    for row, cell in zip(rows[1:4], ["=1+1", "@SUM(A1:A9)", "#REF!"], strict=True):
        row[3] = cell
    write_homes(folder, rows)


@readable("homes")
def counts_with_blanks_of_every_kind(folder: Path) -> None:
    rows = home_rows()
    for row, blank in zip(rows[1:], ["\u00a0", "\u3000", "\u200b", "\ufeff", "\t", "\u2009"], strict=True):
        row[3] = blank + row[3] + blank
    write_homes(folder, rows)


@readable("homes")
def counts_in_full_width_digits(folder: Path) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    rows = home_rows()
    for row in rows[1:]:
        row[3] = row[3].translate(wide)
    write_homes(folder, rows)


@broken("homes", ("swapped_coordinates", None, "lon, lat"))
def coordinates_swapped(folder: Path) -> None:
    write_homes(folder, [[row[0], row[2], row[1], row[3]] if number else row for number, row in enumerate(home_rows())])


@broken("homes", ("swapped_coordinates", 4, "lon, lat"))
def coordinates_of_one_row_swapped(folder: Path) -> None:
    rows = home_rows()
    rows[3][1:3] = rows[3][2:0:-1]
    write_homes(folder, rows)


@broken("homes", ("zero_coordinate", 4, "lon, lat"))
def coordinates_of_zero(folder: Path) -> None:
    rows = with_cell(4, 1, "0")
    rows[3][2] = "0.0"
    write_homes(folder, rows)


def metres() -> list[list[str]]:
    moved = homes().to_crs("EPSG:4549").geometry
    rows = home_rows()
    for row, x, y in zip(rows[1:], moved.x, moved.y, strict=True):
        row[1:3] = [f"{x:.3f}", f"{y:.3f}"]
    return rows


@broken("homes", ("metres_as_degrees", None, "lon, lat"))
def metres_where_degrees_should_be(folder: Path) -> None:
    write_homes(folder, metres())


@broken("homes", ("degrees_as_metres", None, "lon, lat"))
def degrees_where_metres_should_be(_: Path) -> Changes:
    return homes_at("homes.csv", crs="EPSG:4549")


@readable("homes")
def metres_with_their_system_stated(folder: Path) -> Changes:
    write_homes(folder, metres())
    return homes_at("homes.csv", crs="EPSG:4549")


@broken("homes", ("metres_as_degrees", 4, "lon, lat"))
def one_row_in_another_system(folder: Path) -> None:
    rows = home_rows()
    rows[3] = metres()[3]
    write_homes(folder, rows)


@broken(
    "homes",
    ("bad_coordinate", 2, "lon"),
    ("bad_coordinate", 3, "lat"),
    ("bad_coordinate", 4, "lon"),
    ("empty_geometry", 5, "lat"),
)
def coordinates_that_are_none(folder: Path) -> None:
    rows = home_rows()
    rows[1][1], rows[2][2], rows[3][1], rows[4][2] = "nan", "inf", "东经121度", ""
    write_homes(folder, rows)


@readable("homes")
def formulas_as_names(folder: Path) -> Changes:
    rows = [[*row, '=HYPERLINK("http://bad")'.replace('"', "'")] for row in home_rows()]
    rows[0][4] = "名称"
    write_homes(folder, rows)
    return {
        "homes": {"columns": {"id": "id", "residents": RESIDENTS, "name": "名称"}, "plausible": {"duplicate_metres": 0}}
    }


def nobody_counted(study: Study) -> None:
    assert len(study.population) == 0


@readable("population_table", "population_row_unmatched", "districts_without_population", reads=nobody_counted)
def codes_of_other_districts(folder: Path) -> Changes:
    (folder / "census.csv").write_text("code,常住人口\n999999001,10\n", encoding="utf-8")
    return {"population_table": {"path": "census.csv"}}


@readable("population_table")
def codes_as_floats(folder: Path) -> Changes:
    (folder / "census.csv").write_text("code,常住人口\n320601001.0,15\n320601002.0,48\n", encoding="utf-8")
    return {"population_table": {"path": "census.csv"}}


@broken("facilities", ("bad_year", 2, "建成年份"))
def years_that_are_none(folder: Path) -> Changes:
    w.write_table(
        folder / "pharmacies.csv", ("id", "lon", "lat", "名称", "建成年份"), [("P1", *w.lonlat(0), "药店", "前年")]
    )
    return None


@broken("candidates", ("negative_number", 2, "费用"), ("duplicate_id", 3, "id"))
def candidates_of_negative_cost(folder: Path) -> Changes:
    rows = [("C1", *w.lonlat(600), "旧粮站", -3), ("C1", *w.lonlat(1400), "车库", 5)]
    w.write_table(folder / "candidates.csv", ("id", "lon", "lat", "名称", "费用"), rows)
    return {"candidates": {"columns": {"id": "id", "name": "名称", "cost_wan_yuan": "费用"}}}


# ── Workbooks ───────────────────────────────────────────────────────────────


def sheet(folder: Path) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for number, (name, lon, lat, people) in enumerate(home_rows()):
        book.active.append([name, float(lon), float(lat), int(people)] if number else [name, lon, lat, people])
    return book


def saved(book: openpyxl.Workbook, folder: Path) -> Changes:
    book.save(folder / "homes.xlsx")
    return homes_at("homes.xlsx")


@readable("homes")
def workbook(folder: Path) -> Changes:
    return saved(sheet(folder), folder)


@broken("homes", "unreadable_file")
def workbook_cut(folder: Path) -> Changes:
    changes = saved(sheet(folder), folder)
    cut(folder / "homes.xlsx")
    return changes


@broken("homes", "wrong_content")
def workbook_that_is_a_web_page(folder: Path) -> Changes:
    (folder / "homes.xls").write_text("<html><table><tr><td>id</td></tr></table></html>", encoding="utf-8")
    return homes_at("homes.xls")


@broken("homes", "password_protected")
def workbook_with_a_password(folder: Path) -> Changes:
    """A compound file with the one stream that Office puts an encrypted workbook into."""

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBBiii", len(text) + 2, kind, 1, -1, -1, child)
        return head + bytes(36) + struct.pack("<iQ", start, size)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIiIIiIiI", 0, 1, 1, 0, 4096, -2, 0, -2, 0) + struct.pack("<i", 0)
    header += b"\xff" * (512 - len(header))
    table = struct.pack("<ii", -3, -2) + b"".join(struct.pack("<i", 3 + i) for i in range(7)) + struct.pack("<i", -2)
    directory = entry("Root Entry", 5, 1, -2, 0) + entry("EncryptedPackage", 2, -1, 2, 4096) + bytes(256)
    (folder / "homes.xlsx").write_bytes(header + table.ljust(512, b"\xff") + directory + bytes(4096))
    return homes_at("homes.xlsx")


@readable("homes", "layer_chosen")
def workbook_with_a_hidden_sheet(folder: Path) -> Changes:
    book = sheet(folder)
    hidden = book.create_sheet("字典", 0)
    hidden.append(["id", "lon", "lat", RESIDENTS])
    hidden.append(["X", 1.0, 1.0, 1])
    hidden.sheet_state = "hidden"
    book.active = 1
    return saved(book, folder)


@broken("homes", ("missing_value", 3, RESIDENTS))
def workbook_with_a_number_for_two_rows(folder: Path) -> Changes:
    book = sheet(folder)
    book.active["D3"] = None
    book.active.merge_cells("D2:D3")
    return saved(book, folder)


@broken("homes", ("formula_error", 2, RESIDENTS))
def workbook_with_a_formula_nobody_calculated(folder: Path) -> Changes:
    book = sheet(folder)
    book.active["D2"] = "=1+1"
    return saved(book, folder)


@broken("homes", ("formula_error", 2, RESIDENTS))
def workbook_with_the_error_of_a_formula(folder: Path) -> Changes:
    with xlsxwriter.Workbook(folder / "homes.xlsx") as book:
        page = book.add_worksheet()
        for number, row in enumerate(home_rows()):
            page.write_row(number, 0, row)
        page.write_formula("D2", "=1/0", None, "#DIV/0!")
    return homes_at("homes.xlsx")


@broken("homes", ("not_a_number", 2, RESIDENTS), ("not_a_number", 3, RESIDENTS))
def workbook_with_dates_and_truths_as_numbers(folder: Path) -> Changes:
    book = sheet(folder)
    book.active["D2"] = pd.Timestamp(2024, 5, 1)
    book.active["D3"] = True
    return saved(book, folder)


@broken("homes", "sheet_too_large")
def workbook_with_a_stray_cell(folder: Path) -> Changes:
    book = sheet(folder)
    book.active["XFD1048576"] = 1
    return saved(book, folder)


@readable("homes", "header_found", "rows_below_table")
def workbook_with_title_and_total(folder: Path) -> Changes:
    book = sheet(folder)
    book.active.insert_rows(1)
    book.active["A1"] = "某市某区住宅小区居民统计表"
    book.active.append(["合计", None, None, w.TOTAL])
    return saved(book, folder)


@readable("homes")
def workbook_with_numbers_as_text(folder: Path) -> Changes:
    with xlsxwriter.Workbook(folder / "homes.xlsx") as book:
        page = book.add_worksheet()
        for number, row in enumerate(home_rows()):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
    return homes_at("homes.xlsx")


def twice_as_many(study: Study) -> None:
    assert study.homes.residents.tolist() == (2 * np.array(w.RESIDENTS)).tolist()


@readable("homes", "units_read", reads=twice_as_many)
def counts_in_words(folder: Path) -> None:
    rows = home_rows()
    for row in rows[1:]:
        row[3] = f"{2 * int(row[3])}人"
    write_homes(folder, rows)


# ── Names of files ──────────────────────────────────────────────────────────


@readable("homes")
def a_name_of_emoji(folder: Path) -> Changes:
    (folder / "homes.csv").rename(folder / "🏠 小区 (1)[终版]%20'.CSV")
    return homes_at("🏠 小区 (1)[终版]%20'.CSV")


@readable("homes")
def a_name_as_long_as_they_get(folder: Path) -> Changes:
    (folder / "homes.csv").rename(folder / ("n" * 251 + ".csv"))
    return homes_at("n" * 251 + ".csv")


@broken("homes", "missing_file")
def a_name_longer_than_they_get(_: Path) -> Changes:
    return homes_at("n" * 5000 + ".csv")


@broken("homes", "unknown_format")
def a_study_file_as_a_layer(_: Path) -> Changes:
    return homes_at("study.yaml")
