"""What the settings of a study name: files and layers, their digests, days and credits."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import platformdirs

from livingcircle.model.standard import Words
from livingcircle.settings import (
    LayerSettings,
    OsmAreaNetwork,
    OsmPlaceNetwork,
    StudySettings,
    Title,
)
from livingcircle.sources.extract import extract_date
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.online import area_of_box, walk_graph_date
from livingcircle.sources.standards import standard_files

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


SHAPEFILE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


def cache_folder() -> Path:
    """Return the folder for what need not be read twice: LIVING_CIRCLE_CACHE, or the user's cache folder."""
    return Path(os.environ.get("LIVING_CIRCLE_CACHE") or platformdirs.user_cache_path("living-circle"))


def named_sources(settings: StudySettings) -> list[tuple[str, Path, str | None]]:
    """Name every file of a study with its role, and the layer or sheet of it that is asked for."""
    named: Mapping[str, Iterable[object]] = {
        "network": [settings.network, getattr(settings.network, "area", None)],
        "elevation": [settings.elevation],
        "homes": [settings.homes],
        "population": [getattr(settings.homes, "population", None)],
        "facilities": settings.facilities,
        "entrances": [settings.entrances],
        "districts": settings.districts,
        "circles": settings.circle_layers.values(),
        "population_table": [settings.population_table],
        "compounds": [settings.compounds],
        "gates": [getattr(settings.compounds, "gates", None)],
        "candidates": [settings.candidates, *getattr(settings.candidates, "exclude", ())],
        "checklist": [settings.checklist],
        "register": settings.registers,
        "boundary": [settings.boundary],
        "natural_border": [settings.edge.natural_border],
    }
    return [
        (role, source.path, getattr(source, "layer", None))
        for role, sources in named.items()
        for source in sources
        if hasattr(source, "path")
    ] + [
        *(("population", path, None) for path in _age_rasters(settings)),
        *(("review", path, None) for path in _reviews(settings)),
    ]


def _reviews(settings: StudySettings) -> list[Path]:
    return [path for source in settings.facilities if (path := getattr(source, "review", None)) is not None]


def _age_rasters(settings: StudySettings) -> list[Path]:
    return list(getattr(getattr(settings.homes, "population", None), "age_groups", {}).values())


def input_paths(settings: StudySettings) -> Iterable[tuple[str, Path]]:
    """Name every file of a study once per role, a shapefile with its parts."""
    parts = [(role, part) for role, path, _ in named_sources(settings) for part in file_parts(path)]
    return dict.fromkeys([*parts, *(("standard", path) for path in standard_files(settings.standard))])


def file_parts(path: Path) -> list[Path]:
    """Return the files one layer is made of: a shapefile is several, and so is a folder."""
    if path.is_dir():
        return sorted(part for part in path.iterdir() if part.is_file())
    if path.suffix.lower() != ".shp":
        return [path]
    return sorted(
        part for part in path.parent.glob(f"{glob.escape(path.stem)}.*") if part.suffix.lower() in SHAPEFILE_PARTS
    )


def attribution(settings: StudySettings) -> tuple[str, ...]:
    """Name whom the study owes its data to, each once."""
    population = getattr(settings.homes, "population", None)
    sources = [settings.homes, population, *settings.facilities, *settings.districts, settings.candidates]
    sources += [settings.population_table]
    sources += [settings.boundary, settings.edge.natural_border, getattr(settings.network, "area", None)]
    sources += [settings.compounds, getattr(settings.compounds, "gates", None), settings.network]
    credited = (getattr(source, "attribution", "") for source in sources)
    own = [credit for credit in credited if credit]
    days = ", ".join(sorted(filter(None, set(data_days(settings)))))
    osm = f"{OSM_ATTRIBUTION} ({days})" if days else OSM_ATTRIBUTION
    # Streets are OpenStreetMap's, save those of a source that credits somebody else.
    theirs = not getattr(settings.network, "attribution", "")
    theirs |= any(getattr(source, "kind", "").startswith("osm") for source in sources if source is not settings.network)
    return tuple(dict.fromkeys([*([osm] if theirs else []), *own]))


def data_days(settings: StudySettings) -> Iterable[str]:
    """Give the days (YYYY-MM-DD) of the OpenStreetMap data of a study, as far as settings, answers and files tell."""
    network = settings.network
    if isinstance(network, OsmPlaceNetwork | OsmAreaNetwork):
        if isinstance(network, OsmPlaceNetwork):
            label = network.place
        else:
            label = area_of_box(network.box, 0).label if network.area is None else network.area.path.name
        yield walk_graph_date(label, network.buffer_metres, cache_folder() / "osmnx", network.date)
    for _, path in input_paths(settings):
        if path.name.lower().endswith(".pbf") and path.is_file():
            yield extract_date(path)


def source_of(layer: LayerSettings) -> LayerSource:
    """Return where a layer of the settings is read from."""
    return LayerSource(path=layer.path, layer=layer.layer, crs=layer.crs, datum=layer.datum, database=layer.database)


def words_of(title: Title) -> Words:
    """Return a title in both languages; one that is missing is the other."""
    return Words(zh=title.zh or title.en, en=title.en or title.zh)
