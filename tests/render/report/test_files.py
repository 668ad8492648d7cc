"""PDF and page of a report read back: every cell, no text taken for markup, nothing from outside, the same bytes twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

import seen
from livingcircle.render.report.document import Bullets, Cell, Column, Figure, Paragraph, Report, Section, Table
from livingcircle.render.report.page import page_of, write_page
from livingcircle.render.report.pdf import write_pdf
from livingcircle.render.tables import tables_of
from small_town import SCRIPT_NAME

HOSTILE = (
    '#import "x"',
    "*b* _i_ `c` $x^2$ <label> @ref",
    "= heading\n- item\n/ term: no",
    "\\u{41} #panic() // comment /* more */",
    "{{ 7 * 7 }} {% raw %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a" * 300,
    "https://example.org/a/very/long/path?with=many&parts=of-it",
    "\x00\x1b[31mred",
)


class Page(HTMLParser):
    """What a page holds: tables as rows of texts, headings, pictures, tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables, self.headings, self.tags, self.texts = [], [], [], []
        self._cell = self._heading = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = ""
        elif re.fullmatch(r"h[1-6]", tag):
            self._heading = ""

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.tables[-1][-1].append(self._cell.replace("\u00a0", " "))
            self._cell = None
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), self._heading))
            self._heading = None

    def handle_data(self, data):
        self.texts.append(data.replace("\u00a0", " "))
        if self._cell is not None:
            self._cell += data
        if self._heading is not None:
            self._heading += data


def picture() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (60, 40), "#3f86bd").save(file, "PNG")
    return file.getvalue()


def hostile_report(language="en"):
    rows = tuple((Cell(text), Cell(text, 1.0, "unmet")) for text in HOSTILE)
    blocks = (
        *(Paragraph(text, kind) for text in HOSTILE for kind in ("plain", "finding", "note")),
        Bullets(HOSTILE),
        Table("t", HOSTILE[0], (Column(HOSTILE[1]), Column(HOSTILE[5], 2.0, "right")), rows, "x", HOSTILE[6]),
        Figure("map-x", HOSTILE[1], HOSTILE[0]),
    )
    sections = tuple(
        Section(level, text, blocks if level == 1 else (), wide=level == 2, number=str(level))
        for level, text in enumerate(HOSTILE[:3], start=1)
    )
    facts = ((HOSTILE[0], HOSTILE[1]),)
    return Report(HOSTILE[1], HOSTILE[0], language, facts, sections, (HOSTILE[5],), "2026-01-02T03:04:05+00:00")


def shown(text):
    return seen.bare(re.sub(r"[\x00-\x1f\x7f]", " ", text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_a_study_says_is_markup_in_the_pdf(tmp_path, poppler, language):
    report = hostile_report(language)
    write_pdf(tmp_path / "report.pdf", report, {"map-x": picture()})
    said = seen.text(tmp_path / "report.pdf", poppler)
    for text in HOSTILE:
        assert said.count(shown(text)) >= 5, text
    every = [word[0] for page in seen.words(tmp_path / "report.pdf", poppler) for word in page]
    assert HOSTILE[8] in every  # a long word is found and copied as it is, though it may break in a narrow column
    assert not any("\u200b" in word for word in every)
    for page in seen.words(tmp_path / "report.pdf", poppler):
        assert all(word[1] >= 0.05 and word[3] <= 0.95 for word in page), page
        assert not seen.overlapping(page)


def test_nothing_a_study_says_is_markup_in_the_page():
    page = Page(page_of(hostile_report(), {"map-x": picture()}))
    tags = {tag for tag, _ in page.tags}
    assert "script" not in tags
    assert not [one for tag, one in page.tags if "onerror" in one or one.get("src", "data:")[:5] != "data:"]
    assert [row[0] for row in page.tables[0][1:]] == list(HOSTILE)
    assert HOSTILE[4] in page.texts


def test_every_cell_of_every_table_stands_on_the_page(town_report):
    page = Page(town_report.page.read_text(encoding="utf-8"))
    expected = [
        [[column.head for column in table.columns], *([cell.text for cell in row] for row in table.rows)]
        for table in town_report.report.tables()
    ]
    assert page.tables == expected
    assert len(expected) > 8


def test_every_row_of_every_table_stands_in_the_pdf(town_report, poppler):
    said, place = seen.text(town_report.pdf, poppler), 0
    for table in town_report.report.tables():
        for row in table.rows:
            whole = seen.bare("".join(cell.text for cell in row))
            found = said.find(whole, place)
            assert found >= 0, (table.name, whole)
            place = found + len(whole)


def test_the_page_needs_nothing_from_outside(town_report):
    text = town_report.page.read_text(encoding="utf-8")
    page = Page(text)
    addresses = [one[name] for _, one in page.tags for name in ("src", "href", "srcset", "action") if name in one]
    assert addresses
    assert {address.split(",")[0] if address[0] == "d" else address[0] for address in addresses} == {
        "data:image/png;base64",
        "#",
    }
    assert not re.search(r"url\(|@import|https?:", re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1))
    (policy,) = (one["content"] for tag, one in page.tags if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "script" not in {tag for tag, _ in page.tags}
    assert SCRIPT_NAME not in text


def test_the_page_is_read_aloud_in_order(town_report):
    page = Page(town_report.page.read_text(encoding="utf-8"))
    language = town_report.report.language
    assert ("html", {"lang": "zh-CN" if language == "zh" else "en"}) in page.tags
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels[1:]))
    assert all(one.get("alt") for tag, one in page.tags if tag == "img")
    assert all("scope" in one for tag, one in page.tags if tag == "th")
    ids = [one["id"] for _, one in page.tags if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["href"][1:] for tag, one in page.tags if tag == "a"} <= set(ids)


def test_the_same_report_gives_the_same_bytes(town_report, town, tmp_path):
    from livingcircle.render.report.pictures import pictures

    drawn = pictures(town, tables_of(town), town_report.report, town_report.report.language)
    assert drawn == {name: plate.png for name, plate in town_report.plates.items()}
    write_pdf(tmp_path / "again.pdf", town_report.report, drawn)
    assert (tmp_path / "again.pdf").read_bytes() == town_report.pdf.read_bytes()
    write_page(tmp_path / "again.html", town_report.report, drawn)
    assert (tmp_path / "again.html").read_bytes() == town_report.page.read_bytes()


def test_a_character_that_no_font_of_ours_has_comes_from_the_machine_or_is_told(tmp_path, monkeypatch):
    from livingcircle.render import fonts

    monkeypatch.setattr(fonts, "_of_the_machine", list)
    report = replace(hostile_report(), sections=(Section(1, "𠮷庆里", (Paragraph("Łódź \ue000 \u0378"),)),))
    found = write_pdf(tmp_path / "report.pdf", report, {})
    assert set(found.lacking) == {"𠮷", "Ł", "ź"}
    assert [fault.kind for fault in found.warnings] == ["characters_without_font"]
