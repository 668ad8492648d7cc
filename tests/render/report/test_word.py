"""The Word file read back: the text of every table, numbered captions, headings, contents, paper, and the same bytes twice."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise

import pytest

from clause_town import clause_town
from livingcircle.render.report.composing import report_of
from livingcircle.render.report.document import Cell, Column, Figure, Paragraph, Report, Section, Table
from livingcircle.render.tables import tables_of
from livingcircle.render.words import LANGUAGES
from small_town import FORMULA_NAME, SCRIPT_NAME

docx = pytest.importorskip("docx", reason="the extra `report` is not installed")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def picture() -> bytes:
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "#dddddd").save(drawn, "PNG", dpi=(300, 300))
    return drawn.getvalue()


def written(path, report):
    from livingcircle.render.report.word import write_word

    write_word(path, report, {figure.name: picture() for figure in report.figures()})
    return docx.Document(path)


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request, town):
    rich = clause_town(town)
    return report_of(rich, tables_of(rich), request.param)


@pytest.fixture(scope="module")
def document(report, tmp_path_factory):
    return written(tmp_path_factory.mktemp("word") / "report.docx", report)


def test_every_table_reads_back_cell_by_cell(document, report):
    cover, *tables = document.tables
    assert [tuple(cell.text for cell in row.cells) for row in cover.rows] == list(report.facts)
    expected = list(report.tables())
    assert len(tables) == len(expected)
    for found, told in zip(tables, expected, strict=True):
        texts = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in found.rows]
        assert texts[0] == [column.head for column in told.columns]
        assert texts[1:] == [[cell.text for cell in row] for row in told.rows]


def test_heads_repeat_and_rows_stay_whole(document):
    for table in document.tables[1:]:
        first, *rest = table._tbl.tr_lst
        assert first.trPr.find(f"{W}tblHeader") is not None
        assert all(row.trPr.find(f"{W}cantSplit") is not None for row in (first, *rest))
        assert not any(row.trPr.find(f"{W}tblHeader") is not None for row in rest)


def test_no_row_stands_alone_and_notes_stay_with_their_table(document, report):
    for found, told in zip(document.tables[1:], report.tables(), strict=True):
        kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in found.rows[1:]]
        assert kept[-1] is (True if told.note else None)
        assert all(kept[-3:-1])
        assert all(kept[: min(2, len(kept) - 1)])
        if len(kept) <= 10:
            assert all(kept[:-1])


def test_a_paragraph_stays_with_the_table_it_leads_to(document, report):
    led = {
        block.text.replace(" %", "\u00a0%")
        for section in report.sections
        for block, after in pairwise(section.blocks)
        if isinstance(block, Paragraph) and isinstance(after, Table)
    }
    assert led
    texts = [one for one in document.paragraphs if one.text in led]
    assert len(texts) >= len(led)
    assert all(one.paragraph_format.keep_with_next for one in texts)


def test_numbers_are_not_parted_from_their_per_cent(document, report):
    said = "".join(node.text or "" for node in document.element.body.iter(f"{W}t"))
    assert "\u00a0%" in said
    assert " %" not in said


def test_numbers_stand_at_the_right(document, report):
    for found, told in zip(document.tables[1:], report.tables(), strict=True):
        for row in found.rows[1:]:
            for cell, column in zip(row.cells, told.columns, strict=True):
                at = cell.paragraphs[0]._p.pPr.find(f"{W}jc").get(f"{W}val")
                assert at == {"left": "left", "right": "right", "centre": "center"}[column.align]


def test_captions_are_numbered_in_order_and_hold_fields(document, report):
    captions = [one for one in document.paragraphs if one.style.name == "Caption"]
    for kind, blocks in (("Table", list(report.tables())), ("Figure", list(report.figures()))):
        label = {"Table": "表", "Figure": "图"}[kind] if report.language == "zh" else kind
        own = [one for one in captions if one.text.startswith(label)]
        assert [one.text for one in own] == [
            f"{label} {number}  {block.caption}" for number, block in enumerate(blocks, start=1)
        ]
        for caption in own:
            (told,) = [node.text for node in caption._p.iter(f"{W}instrText")]
            assert re.fullmatch(rf" SEQ {label} \\\* ARABIC ", told)


def test_headings_are_those_of_word_and_stand_in_the_contents(document, report):
    headings = [one for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert [(one.style.name, one.text) for one in headings] == [
        (f"Heading {section.level}", section.heading) for section in report.sections
    ]
    body = document.element.body
    (contents,) = body.iter(f"{W}sdt")
    links = list(contents.iter(f"{W}hyperlink"))
    listed = ["".join(node.text or "" for node in link.iter(f"{W}t")) for link in links]
    assert listed == [section.heading for section in report.sections if section.level <= 2]
    pages = [node.text.split() for link in links for node in link.iter(f"{W}instrText")]
    assert pages == [["PAGEREF", link.get(f"{W}anchor"), "\\h"] for link in links]
    marks = {node.get(f"{W}name") for node in body.iter(f"{W}bookmarkStart")}
    assert {link.get(f"{W}anchor") for link in links} <= marks
    assert any("TOC " in (node.text or "") for node in contents.iter(f"{W}instrText"))


def test_fields_are_closed(document):
    kinds = [node.get(f"{W}fldCharType") for node in document.element.body.iter(f"{W}fldChar")]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") > 0


def test_marks_have_numbers_of_their_own(document):
    numbers = [node.get(f"{W}id") for node in document.element.body.iter(f"{W}bookmarkStart")]
    assert len(numbers) == len(set(numbers))


def test_pictures_say_what_they_show(document, report):
    told = [node.get("descr") for node in document.element.body.iter() if node.tag.endswith("}docPr")]
    assert told == [figure.alternative for figure in report.figures()]


def test_wide_sections_lie_on_paper_turned_sideways(document, report):
    turns = 1 + sum(one.wide != other.wide for one, other in pairwise(report.sections))
    assert len(document.sections) == turns
    for section in document.sections:
        assert sorted((round(section.page_width.mm), round(section.page_height.mm))) == [210, 297]
    sideways = [section.page_width > section.page_height for section in document.sections]
    assert all(one != other for one, other in pairwise(sideways))


def test_chinese_faces_and_language_are_set(document, report):
    styles = document.styles.element
    for name in ("Normal", "Heading1", "TableText"):
        style = next(one for one in styles.findall(f"{W}style") if one.get(f"{W}styleId") == name)
        assert style.find(f"{W}rPr").find(f"{W}rFonts").get(f"{W}eastAsia") in {"宋体", "黑体"}
    told = next(styles.iter(f"{W}lang"))
    assert told.get(f"{W}eastAsia") == "zh-CN"
    assert document.core_properties.language == {"zh": "zh-CN", "en": "en"}[report.language]
    assert document.core_properties.title == report.title


def test_the_clock_is_that_of_the_run(document, report):
    assert document.core_properties.created.replace(tzinfo=None).isoformat() == report.made[:19]


def test_the_same_report_gives_the_same_bytes(report, tmp_path):
    for name in ("one.docx", "other.docx"):
        written(tmp_path / name, report)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "other.docx").read_bytes()


def test_names_from_anywhere_do_no_harm(tmp_path):
    names = (SCRIPT_NAME, FORMULA_NAME, "甲 & 乙 “丙” <丁>", "\x07铃\x00声\ufffe", "两\n行", "]]>", "𠮷野家🏫")
    table = Table("t", "名称", (Column("名"),), tuple((Cell(name),) for name in names), "facilities")
    figure = Figure("map-score", SCRIPT_NAME, '"><script>')
    blocks = (Paragraph(names[3]), table, figure)
    report = Report(SCRIPT_NAME, "副", "zh", (("标准", "甲 & 乙"),), (Section(1, names[2], blocks),), ("© <a>",))
    document = written(tmp_path / "report.docx", report)
    expected = [name.replace("\x07", "").replace("\x00", "").replace("\ufffe", "") for name in names]
    assert [row.cells[0].text for row in document.tables[1].rows[1:]] == expected
    assert document.core_properties.title == SCRIPT_NAME
    with zipfile.ZipFile(tmp_path / "report.docx") as parts:
        assert b"<script" not in parts.read("word/document.xml")


def test_a_figure_without_its_picture_is_a_defect(tmp_path, report):
    from livingcircle.render.report.word import write_word

    lone = replace(report, sections=(Section(1, "图", (Figure("map-none", "无", "无"),)),))
    with pytest.raises(KeyError):
        write_word(tmp_path / "report.docx", lone, {})


ORDER = {
    "pPr": (
        "pStyle",
        "keepNext",
        "keepLines",
        "pageBreakBefore",
        "widowControl",
        "pBdr",
        "tabs",
        "spacing",
        "ind",
        "jc",
        "sectPr",
    ),
    "tblPr": ("tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblCaption"),
    "trPr": ("cantSplit", "tblHeader"),
    "tcPr": ("tcW", "shd", "vAlign"),
    "settings": ("zoom", "defaultTabStop", "updateFields", "compat", "rsids"),
}
"""The order in which ECMA-376 has properties; Word refuses files in another one."""


def test_properties_stand_in_the_order_of_the_format(document):
    for root in (document.element, document.styles.element, document.settings.element):
        for name, order in ORDER.items():
            for node in root.iter(f"{W}{name}"):
                held = [child.tag.removeprefix(W) for child in node]
                known = [order.index(child) for child in held if child in order]
                assert known == sorted(known), (name, held)
                assert len(held) == len(set(held)), (name, held)
    assert not list(document.settings.element.iter(f"{W}updateFields"))  # Word would ask on every opening
