"""附录: the files that were read, and where the rest of the results is."""

from __future__ import annotations

from collections.abc import Iterator

from livingcircle.render.report.document import Bullets, Cell, Column, Paragraph, Section, Table
from livingcircle.render.report.material import Material
from livingcircle.render.words import say_code, shown_count

FILES = ("workbook", "csv", "map", "geopackage", "maps", "record")
_DIGITS = 16
"""Of a digest, as many digits as tell files apart in print; run.json has all."""


def chapter(of: Material) -> Iterator[Section]:
    """Yield inputs with digests, and what each file of the run folder is for."""
    inputs = of.tables["inputs"]
    rows = tuple(
        (
            Cell(say_code("role", str(row["role"]), of.language)),
            Cell(str(row["file"])),
            Cell(shown_count(row["size_bytes"] / 1024), float(row["size_bytes"] / 1024)),
            Cell(str(row["sha256"])[:_DIGITS]),
        )
        for _, row in inputs.iterrows()
    )
    columns = (
        Column(of.say("head.role"), 1.4),
        Column(of.say("head.file"), 2.4),
        Column(of.say("head.kilobytes"), 1.0, "right"),
        Column(of.say("head.digest", digits=_DIGITS), 2.0),
    )
    blocks = [Paragraph(of.say("files.intro"))]
    table = [Table("inputs", of.say("table.inputs"), columns, rows, "inputs", of.say("files.note"))] if rows else []
    yield Section(1, of.say("chapter.files"), (*blocks, *table))
    yield Section(2, of.say("section.files"), (Bullets(tuple(of.say(f"file.{name}") for name in FILES)),))
