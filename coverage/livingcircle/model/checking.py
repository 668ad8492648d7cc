"""What a check found in one input file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from livingcircle.faults import Fault


@dataclass(frozen=True, slots=True)
class FileChecked:
    """One input file, or one layer or sheet of it, as it was understood, and everything found in it.

    `roles` are what the study uses it for, `layer` the layer or sheet that was asked for. What is unknown, or does not apply, is `""`: the
    encoding of a GeoPackage, the datum of a file that does not declare one. `rows` is None where the file is not made of rows or could not
    be read; `columns` names the column of every field that was found, `units` the unit of columns read as numbers, such as
    `m2`. The record with neither path nor role holds what belongs to no single file.
    """

    roles: tuple[str, ...]
    path: str
    layer: str | None = None
    format: str = ""
    encoding: str = ""
    crs: str = ""
    datum: str = ""
    rows: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()

    @property
    def findings(self) -> tuple[Fault, ...]:
        """Faults, warnings and notes, in this order."""
        return (*self.faults, *self.warnings, *self.notes)
