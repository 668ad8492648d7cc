"""What a check reports: every file of a study, how it was understood, and all that was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from livingcircle.errors import LivingCircleError
from livingcircle.faults import Fault
from livingcircle.loading import load_study
from livingcircle.model.checking import FileChecked
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.readers import Report, named_sources
from livingcircle.settings import StudySettings
from livingcircle.sources.layers import Layer, watching
from livingcircle.sources.standards import standard_files
from livingcircle.sources.tables import ENCODING

if TYPE_CHECKING:
    import pyproj

FORMATS: Mapping[str, str] = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".txt": "TXT",
    ".xlsx": "Excel",
    ".xls": "Excel 97–2003",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "Shapefile",
    ".zip": "ZIP",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".kmz": "KMZ",
    ".pbf": "OpenStreetMap PBF",
    ".osm": "OpenStreetMap XML",
    ".graphml": "GraphML",
    ".tif": "GeoTIFF",
    ".tiff": "GeoTIFF",
    ".vrt": "VRT",
    ".asc": "ASCII Grid",
    ".yaml": "YAML",
    ".yml": "YAML",
}
"""What files are called, by their ending."""

Place = tuple[str, str | None]
"""A path, and the layer or sheet of it that was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What a check found: the study if it is fit for use, every fault or warning, how files were understood, and the same file by file.

    `layers` holds, for each of `files`, the rows that were looked at, None where there were none.
    """

    study: Study | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()
    files: tuple[FileChecked, ...] = ()
    layers: tuple[Layer | None, ...] = field(default=(), repr=False)

    @property
    def rows(self) -> tuple[tuple[pd.DataFrame, int] | None, ...]:
        """Return for each of `files` its rows and the number of the first; of tables without the points made of their coordinates."""
        return tuple(None if layer is None or not layer.readable else _rows(layer) for layer in self.layers)


def _rows(layer: Layer) -> tuple[pd.DataFrame, int]:
    is_table = layer.first_row > 1  # features count from 1, and below a header comes row 2
    frame = pd.DataFrame(layer.frame).drop(columns=layer.frame.geometry.name) if is_table else layer.frame
    return frame, layer.first_row


def check_study(settings: StudySettings, stages: Stages) -> Checked:
    """Read every file of a study and say what was found, without raising; a file that fails does not hide another."""
    report, study, faults = Report(), None, []
    with watching() as opened:
        try:
            study = load_study(settings, stages, report)
        except LivingCircleError as error:
            faults = [*report.faults, *(fault for fault in error.faults if fault not in report.faults)]
    layers: dict[Place, Layer] = {}
    for layer in opened:
        layers.setdefault(_place(layer), layer)
    roles = _roles(settings, layers)
    said = [*faults, *report.warnings, *report.notes]
    files = _by_file(roles, layers, said)
    return Checked(
        study=study,
        faults=tuple(faults),
        warnings=tuple(report.warnings),
        notes=tuple(report.notes),
        files=files,
        layers=tuple(layers.get((file.path, file.layer)) for file in files),
    )


def _place(layer: Layer) -> Place:
    return layer.file, None if layer.source is None else layer.source.layer


def _roles(settings: StudySettings, layers: Iterable[Place]) -> dict[Place, list[str]]:
    """Return what each file is used for, in the order of the study; files a reader opened of its own accord come last."""
    roles: dict[Place, list[str]] = {}
    named = [(role, str(path), layer) for role, path, layer in named_sources(settings)]
    standards = [("standard", str(path), None) for path in standard_files(settings.standard)]
    for role, path, layer in [*named, *standards]:
        known = roles.setdefault((path, layer), [])
        if role not in known:
            known.append(role)
    for place in layers:
        roles.setdefault(place, [])
    return roles


def _by_file(
    roles: Mapping[Place, Sequence[str]], layers: Mapping[Place, Layer], said: Iterable[Fault]
) -> tuple[FileChecked, ...]:
    """Share out what was said among the files: to the layer that noted it, else to the file it names, else to the study as a whole."""
    noted = {_key(finding): place for place, layer in layers.items() for finding in layer.findings}
    first: dict[str, Place] = {}
    for place in roles:
        first.setdefault(place[0], place)
    shares: dict[Place, list[Fault]] = {place: [] for place in roles}
    whole: Place = ("", None)
    for finding in said:
        place = noted.get(_key(finding)) or first.get(finding.file) or (finding.file, None)
        shares.setdefault(place, []).append(finding)
    at_large = shares.pop(whole, [])
    files = [_file(place, roles.get(place, ()), layers.get(place), found) for place, found in shares.items()]
    return tuple([*files, _file(whole, (), None, at_large)] if at_large else files)


def _key(finding: Fault) -> tuple[object, ...]:
    return finding.kind, finding.file, finding.row, finding.column, finding.value


def _file(place: Place, roles: Sequence[str], layer: Layer | None, found: Iterable[Fault]) -> FileChecked:
    path, name = place
    by_severity: dict[str, list[Fault]] = {"fault": [], "warning": [], "note": []}
    for finding in found:
        by_severity[finding.severity].append(finding)
    read = layer is not None and layer.readable
    return FileChecked(
        roles=tuple(roles),
        path=path,
        layer=name,
        format=FORMATS.get(Path(path).suffix.lower(), Path(path).suffix.lstrip(".").upper()) if path else "",
        encoding=str(layer.frame.attrs.get(ENCODING, "")) if layer is not None else "",
        crs=_crs_name(layer.frame.crs) if layer is not None and read else "",
        datum=str(getattr(layer.source, "datum", None) or "") if layer is not None else "",
        rows=len(layer.frame) if layer is not None and read else None,
        columns=dict(layer.columns) if layer is not None else {},
        units={column: unit for column, unit in layer.units.items() if unit} if layer is not None else {},
        faults=tuple(by_severity["fault"]),
        warnings=tuple(by_severity["warning"]),
        notes=tuple(by_severity["note"]),
    )


def _crs_name(crs: pyproj.CRS | None) -> str:
    """Return `EPSG:4326 WGS 84` or the name alone where it has no code; `""` where there is no system."""
    if crs is None:
        return ""
    authority = crs.to_authority()
    return f"{':'.join(authority)} {crs.name}" if authority else str(crs.name)
