"""The sample's report as it comes out of the printer, from PDF, from Word and from a browser, in both languages."""

from __future__ import annotations

import re

import pytest

import seen
from livingcircle.render.fonts import FAMILY

LEAST_INK = 0.0005
"""A line or two; an empty page has none."""


def rows_of(report):
    return [(table.name, [cell.text for cell in row]) for table in report.tables() for row in table.rows]


@pytest.fixture(params=["pdf", "word", "page"])
def printed(request, sample, poppler):
    """The report as a PDF: ours, or Word's file printed by LibreOffice, or the page printed by a browser."""
    return sample.pdf if request.param == "pdf" else request.getfixturevalue(f"{request.param}_as_pdf")


def test_no_page_is_empty(printed, poppler):
    shares = seen.ink(printed, poppler)
    assert len(shares) > 20
    assert {page: share for page, share in enumerate(shares, start=1) if share < LEAST_INK} == {}


@pytest.fixture(params=["pdf", "page"])
def paged(request, sample, poppler):
    """The report as a PDF that we lay out ourselves: Typst's or the browser's."""
    return sample.pdf if request.param == "pdf" else request.getfixturevalue("page_as_pdf")


def test_only_ends_of_chapters_leave_half_a_page_free(sample, paged, poppler):
    """Maps find their place while the text goes on; what begins a page of its own may leave the one before it."""
    sections = sample.report.sections
    begins = {
        seen.bare(section.heading)
        for before, section in zip((sections[-1], *sections), sections, strict=False)
        if section.level == 1 or section.own_page or section.wide or before.wide
    }
    pages = page_texts(paged, poppler)
    for place, far in list(enumerate(seen.reach(paged, poppler)))[2:]:  # after cover and contents
        following = pages[place + 1] if place + 1 < len(pages) else ""
        assert far >= 0.5 or not following or any(following.startswith(one) for one in begins), (place + 1, far)


def test_chapters_begin_with_their_heading_and_no_page_ends_with_one(sample, paged, poppler):
    pages = page_texts(paged, poppler)
    for section in sample.report.sections:
        heading = seen.bare(section.heading)
        assert section.level > 1 or any(page.startswith(heading) for page in pages[2:]), heading
        assert not any(page.endswith(heading) for page in pages[2:]), heading


def page_texts(pdf, poppler):
    """What stands on each page between header and footer, from the top."""
    pages = (sorted(page, key=lambda word: (word[4], word[1])) for page in seen.words(pdf, poppler))
    return [seen.bare("".join(word[0] for word in page if 0.082 < word[4] < 0.94)) for page in pages]


def test_a_browser_cuts_no_row_and_no_map_and_repeats_heads(sample, page_as_pdf, poppler):
    pages, place = seen.texts(page_as_pdf, poppler), 0
    for table in sample.report.tables():
        head = seen.bare("".join(column.head for column in table.columns))
        begins = seen.bare(table.caption) + head
        for row in table.rows:
            whole = seen.bare("".join(cell.text for cell in row))
            on = next((number for number in range(place, len(pages)) if whole in pages[number]), None)
            assert on is not None, (table.name, whole)
            assert head in pages[on], (table.name, on + 1)
            assert row is not table.rows[0] or begins in pages[on], (table.name, on + 1)
            place = on
    drawn = seen.images(page_as_pdf, poppler)
    assert len(drawn) == len(set(drawn)) == len(list(sample.report.figures()))


def test_no_text_runs_off_the_page_or_over_other_text(printed, poppler):
    for number, page in enumerate(seen.words(printed, poppler), start=1):
        outside = [one for one in page if one[1] < 0.03 or one[3] > 0.97 or one[2] < 0.01 or one[4] > 0.99]
        assert not outside, (number, outside)
        if printed.parent.name[:4] != "page":  # whose fonts say that they are two lines high
            assert not seen.overlapping(page), (number, seen.overlapping(page))


def test_no_word_of_a_table_is_torn_in_word(sample, word_as_pdf, poppler):
    """Every word that is printed is one that the report says."""
    said = {word for text in (*sample.report.texts(), sample.report.title) for word in LATIN.findall(text)}
    for number, page in enumerate(seen.words(word_as_pdf, poppler), start=1):
        torn = {word for found in page for word in LATIN.findall(found[0]) if len(word) < 12} - said
        assert torn <= {"Page", "of", "Contents", "Table", "Figure", "Note", "Data"}, (number, torn)


LATIN = re.compile("[A-Za-z]+")


def test_every_character_arrives(sample, printed, poppler):
    """What has no glyph is a box on paper and nothing in the text."""
    said = seen.text(printed, poppler)
    assert not set(said) & {"\ufffd", "\u25a1"}
    wanted = {sign for _, row in rows_of(sample.report) for text in row for sign in seen.bare(text)}
    wanted |= {sign for section in sample.report.sections for sign in seen.bare(section.heading)}
    assert not wanted - set(said)


def test_our_pdf_carries_our_fonts_and_no_other(sample, poppler):
    found = seen.fonts(sample.pdf, poppler)
    assert found
    assert {name.split("-")[0] for name, _ in found} == {FAMILY.replace(" ", "")}
    assert all(inside for _, inside in found)


def test_every_row_of_every_table_stands_in_our_pdf(sample, poppler):
    said, place = seen.text(sample.pdf, poppler), 0
    count = 0
    for name, row in rows_of(sample.report):
        whole = seen.bare("".join(row))
        found = said.find(whole, place)
        if found < 0:  # a row that goes on overleaf has a footer and a header within
            for cell in row:
                found = _found_in_parts(said, seen.bare(cell), place)
                assert found >= 0, (name, row)
                place = found
        else:
            place = found + len(whole)
        count += 1
    assert count == sum(len(table.rows) for table in sample.report.tables())


def _found_in_parts(said: str, cell: str, place: int) -> int:
    """Find a cell that may be parted by the end of a page; return where it ends."""
    found = said.find(cell, place)
    if found >= 0:
        return found + len(cell)
    half = next((cut for cut in range(len(cell) - 1, 0, -1) if said.find(cell[:cut], place) >= 0), 0)
    found = said.find(cell[half:], said.find(cell[:half], place)) if half else -1
    return found + len(cell[half:]) if found >= 0 else -1


def test_captions_are_numbered_and_headings_are_bookmarks(sample, poppler):
    said = seen.text(sample.pdf, poppler)
    label = "表" if sample.report.language == "zh" else "Table"
    place = 0
    for number, table in enumerate(sample.report.tables(), start=1):
        caption = seen.bare(f"{label}{number}{table.caption}")
        place = said.find(caption, place)
        assert place >= 0, caption
    content = sample.pdf.read_bytes()
    assert b"/Outlines" in content
    assert b"/StructTreeRoot" in content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert (b"/Lang (zh" if sample.report.language == "zh" else b"/Lang (en") in content.replace(b"/Lang(", b"/Lang (")
