"""A service that is published by district only cannot be found on the page: its places are looked for in everything that is sent."""

import pytest

import written_town as w

PRIVATE = "阳光之家"
PANELS = ("map", "coverage", "verdicts", "gaps", "plan", "equity", "supply", "data")


@pytest.fixture
def town(tmp_path):
    file = w.write_town(tmp_path)
    w.write_table(tmp_path / "private.csv", ("id", "lon", "lat", "名称"), [("S1", *w.lonlat(1400), PRIVATE)])
    (tmp_path / "standard.yaml").write_text(
        w.STANDARD
        + "  - {id: aid, service: disability_service, limit_minutes: 5,"
        + ' citation: {document: TOWN, clause: "4", quote: "", verification: read_in_full}}\n',
        encoding="utf-8",
    )
    source = "  - {kind: layer, path: private.csv, service: disability_service}\n"
    text = file.read_text("utf-8").replace("districts: {", source + "districts: {", 1)
    file.write_text(text, encoding="utf-8")
    return file


def sent(page):
    """Everything the browser is sent, as bytes."""
    return b"".join(node.proto.SerializeToString() for node in page.bench._tree if getattr(node, "proto", None))


@pytest.mark.parametrize("service", ["", "disability_service"])
def test_its_places_are_on_no_panel(open_page, town, service):
    for panel in PANELS:
        page = open_page(town, panel=panel, service=service)
        content = sent(page)
        assert "一街小镇".encode() in content
        assert PRIVATE.encode() not in content, panel
        assert b"private.csv" not in content or panel == "data"


def test_what_is_searched_would_show_it(open_page, town):
    """The same search finds the pharmacy, which is open to all."""
    assert any(b"alert(1)" in sent(open_page(town, panel=panel)) for panel in ("map", "plan"))
