"""What a study's settings name, read: which reader each setting means, which files it takes, and whom to credit.

A reader of one file raises what is wrong with it, for `Report.take` to note; one of several notes it itself and goes on to the next file.
"""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import platformdirs
import shapely

from livingcircle.errors import LivingCircleError
from livingcircle.faults import Fault, unreadable
from livingcircle.kernel.floors import FloorAssumptions
from livingcircle.model.columns import GeometryArray
from livingcircle.model.compound import Compounds, Gates
from livingcircle.model.network import StreetEdges
from livingcircle.model.people import Housing
from livingcircle.model.places import (
    NO_REVIEW,
    Candidates,
    Districts,
    Entrances,
    Facilities,
    FacilityReview,
    MergedFacilities,
)
from livingcircle.model.population import PopulationTotals
from livingcircle.model.register import NO_ANSWERS, Answers
from livingcircle.model.standard import ServiceType, Standard, Words, service_named
from livingcircle.model.walker import CrossingSeconds, Walker
from livingcircle.settings import (
    AmapFacilities,
    AnyPopulation,
    BaiduFacilities,
    DistrictLayer,
    FloorEstimateSettings,
    GapCandidates,
    GraphmlNetwork,
    LayerCandidates,
    LayerCompounds,
    LayerFacilities,
    LayerHomes,
    LayerSettings,
    OsmAreaNetwork,
    OsmFileNetwork,
    OsmPlaceNetwork,
    OsmTagFacilities,
    PoiFacilities,
    PopulationRasterSettings,
    StreetLayerNetwork,
    StudySettings,
    Title,
)
from livingcircle.settings.candidates import PlacedCandidate
from livingcircle.sources.answers import answers_from_table
from livingcircle.sources.boundary import boundary_from_layer, natural_border_from_layer
from livingcircle.sources.building_floors import BuildingEstimate
from livingcircle.sources.candidates import AssumedCost, AssumedCosts, candidates_from_layer
from livingcircle.sources.circles import circles_from_layer, together
from livingcircle.sources.compounds import compounds_from_layer, compounds_from_osm, gates_from_layer, no_gates
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.district_shapes import boundary_findings
from livingcircle.sources.districts import DistrictSource, districts_from_layers
from livingcircle.sources.entrances import entrances_from_layer, entrances_from_osm, entrances_of
from livingcircle.sources.extract import extract_date
from livingcircle.sources.facilities import (
    classified_from_layer,
    facilities_from_layer,
    facilities_from_osm_tags,
    join_facilities,
)
from livingcircle.sources.homes import homes_from_layer, homes_from_osm_buildings
from livingcircle.sources.layers import LONGITUDE_LATITUDE, LayerSource
from livingcircle.sources.online import Area, area_around, area_of_box, walk_graph_date
from livingcircle.sources.osm import read_buildings, read_tagged, reprojected
from livingcircle.sources.plausible import Bounds
from livingcircle.sources.population import PopulationCells
from livingcircle.sources.population_raster import PopulationRaster
from livingcircle.sources.population_table import population_from_table
from livingcircle.sources.projection import projected
from livingcircle.sources.reading import Reading
from livingcircle.sources.same_place import merge_facilities
from livingcircle.sources.standards import standard_files
from livingcircle.sources.street_cache import cached_streets
from livingcircle.sources.street_layers import streets_from_layer
from livingcircle.sources.streets import streets_from_area, streets_from_graphml, streets_from_osm, streets_from_place

T = TypeVar("T")

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
SHAPEFILE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


class Report:
    """Faults of all readers, gathered so that one bad file does not hide another; warnings and notes of those that succeed."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.notes: list[Fault] = []

    def take(self, read: Callable[[], Reading[T]]) -> T | None:
        """Return what a reader gives, or None after noting its faults."""
        try:
            reading = read()
        except LivingCircleError as error:
            self.faults.extend(fault for fault in error.faults if fault not in self.faults)
            self.say(error.warnings)
            return None
        except OSError as error:  # a file that may not be read, or was there a moment ago
            self.faults.append(unreadable(error.filename or "", error))
            return None
        self.say(reading.warnings)
        return reading.value

    def say(self, said: Iterable[Fault]) -> None:
        """Note warnings and notes, each once."""
        for one in said:
            known = self.warnings if one.severity == "warning" else self.notes
            if one not in known:
                known.append(one)


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


def read_streets(settings: StudySettings) -> Reading[StreetEdges]:
    """Read the streets, or take them from the cache where the same file has been read before."""
    network, crs = settings.network, settings.crs
    if isinstance(network, OsmPlaceNetwork):
        return streets_from_place(network.place, network.buffer_metres, crs, cache_folder() / "osmnx", network.date)
    if isinstance(network, OsmAreaNetwork):
        area = area_of_network(network)
        streets = streets_from_area(area.value, crs, cache_folder() / "osmnx", network.date)
        return Reading(streets.value, (*area.warnings, *streets.warnings))
    if isinstance(network, StreetLayerNetwork):
        return _read_street_layer(network, crs)
    read = {OsmFileNetwork: streets_from_osm, GraphmlNetwork: streets_from_graphml}[type(network)]
    if not network.path.is_file():
        return read(network.path, crs)
    key = (file_sha256(network.path)[0], crs or "", network.kind, network.path.suffix.lower())
    return cached_streets(key, cache_folder() / "streets", lambda: read(network.path, crs), file=str(network.path))


def _read_street_layer(network: StreetLayerNetwork, crs: str | None) -> Reading[StreetEdges]:
    """Read a layer of streets, or take it from the cache where it has been read the same way."""
    columns = {str(field): column for field, column in network.columns.items()}

    def read() -> Reading[StreetEdges]:
        return streets_from_layer(
            _source(network), columns, crs, snap_metres=network.snap_metres, joined_at=network.joined_at
        )

    if not network.path.is_file():
        return read()
    how = network.model_dump_json(exclude={"path", "attribution", "minimum_island_metres", "join_cap_metres"})
    key = (*(file_sha256(part)[0] for part in file_parts(network.path)), crs or "", how)
    return cached_streets(key, cache_folder() / "streets", read, file=str(network.path))


def area_of_network(network: OsmAreaNetwork) -> Reading[Area]:
    """Return the box or the polygons whose streets are downloaded, with the margin around them."""
    if network.area is None:
        return Reading(area_of_box(network.box, network.buffer_metres))
    read = boundary_from_layer(_source(network.area), LONGITUDE_LATITUDE)
    return Reading(area_around(network.area.path.name, read.value, network.buffer_metres), read.warnings)


def area_of_study(settings: StudySettings) -> shapely.Geometry | None:
    """Return the boundary of a study, else the union of its districts, in longitude and latitude; None where it has neither.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layers = settings.districts if settings.boundary is None else (settings.boundary,)
    shapes = [boundary_from_layer(_source(layer), LONGITUDE_LATITUDE).value for layer in layers]
    return shapely.union_all(shapes) if shapes else None


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


def read_homes(settings: StudySettings, crs: str) -> Reading[Housing]:
    """Read the homes from a layer, or from the buildings of an extract, with what is left for review."""
    homes = settings.homes
    if isinstance(homes, LayerHomes):
        return homes_from_layer(
            _source(homes),
            homes.columns.model_dump(),
            crs,
            residents_per_household=homes.residents_per_household,
            estimate=None if homes.estimate is None else _estimate(homes.estimate),
            population=_population(homes.population),
            age_groups=homes.age_columns,
            bounds=Bounds(**homes.plausible.model_dump()),
            confirmed=homes.confirmed,
        )
    return homes_from_osm_buildings(
        homes.path,
        crs,
        residential_buildings=homes.residential_buildings,
        minimum_footprint_m2=homes.minimum_footprint_m2,
        default_levels=homes.default_levels,
        floor_m2_per_resident=homes.floor_m2_per_resident,
        residents_per_household=homes.residents_per_household,
        population=_population(homes.population),
        cache_folder=cache_folder() / "places",
    )


def _population(population: AnyPopulation | None) -> PopulationCells | PopulationRaster | None:
    if isinstance(population, PopulationRasterSettings):
        stated = population.model_dump(exclude={"kind", "attribution"})
        return PopulationRaster(**stated)
    if population is None:
        return None
    return PopulationCells(_source(population), population.residents, population.age_columns)


def _estimate(estimate: FloorEstimateSettings) -> BuildingEstimate:
    assumed = FloorAssumptions(estimate.floor_m2_per_resident, estimate.default_levels, estimate.metres_per_level)
    return BuildingEstimate(assumed, estimate.residential_share, estimate.residential_shares)


class FoundFacilities(NamedTuple):
    """The facilities of all sources, what of them a person should confirm, and what was merged."""

    facilities: Facilities
    review: FacilityReview
    merged: MergedFacilities


def read_facilities(
    settings: StudySettings, services: tuple[ServiceType, ...], crs: str, report: Report
) -> FoundFacilities | None:
    """Read the facilities of all sources into one table, None where no source could be read.

    What several sources list is merged, and what must not be located is left out.
    """
    reviews: list[FacilityReview] = []

    def read(position: int, source: OsmTagFacilities | LayerFacilities | PoiFacilities) -> Reading[Facilities]:
        if isinstance(source, LayerFacilities | PoiFacilities):
            columns, counted = source.columns.model_dump(), source.count_planned
            if isinstance(source, LayerFacilities) and not source.classify:
                return facilities_from_layer(
                    _source(source), columns, source.service, services, crs, count_planned=counted
                )
            provider = source.kind if isinstance(source, AmapFacilities | BaiduFacilities) else None
            told = classified_from_layer(
                replace(_source(source), pois=provider),
                columns,
                services,
                crs,
                decided=source.review,
                count_planned=counted,
            )
            facilities, review = told.value
            reviews.append(review)
            return Reading(facilities, told.warnings)
        column = f"facilities[{position}].services"
        asked = [named_service(name, services, column, report) for name in source.services]
        wanted = [service.id for service in asked or services if service is not None]
        taken = [service if service.id in wanted else replace(service, osm_tags=()) for service in services]
        return facilities_from_osm_tags(source.path, taken, crs, cache_folder() / "places")

    readings = [
        report.take(partial(read, position, source)) for position, source in enumerate(settings.facilities, start=1)
    ]
    found = [reading for reading in readings if reading is not None]
    if not found:
        return None
    source = np.repeat(np.arange(len(found), dtype=np.int32), [len(facilities) for facilities in found])
    facilities, merged = merge_facilities(join_facilities(found), source, settings.merge_metres)
    if len(merged):
        report.warnings.append(Fault("merged_across_sources", details={"count": len(merged)}))
    review = NO_REVIEW
    for more in reviews:
        review = review.followed_by(more)
    return FoundFacilities(_without_restricted(facilities, services, report), review, merged)


def _without_restricted(facilities: Facilities, services: tuple[ServiceType, ...], report: Report) -> Facilities:
    """Leave out services that must not be located, and places that offer no other: they never enter a study."""
    restricted = np.array([service.privacy == "restricted" for service in services], bool)
    held = facilities.serves[:, restricted]
    if not held.any():
        return facilities
    named = [service.name for service, one in zip(services, restricted, strict=True) if one]
    details: dict[str, str | float] = {
        "count": int(held.any(axis=1).sum()),
        "services_zh": "、".join(name.zh for name in named),
        "services_en": ", ".join(name.en for name in named),
    }
    report.warnings.append(Fault("restricted_left_out", details=details))
    serves = facilities.serves & ~restricted
    return replace(facilities, serves=serves).take(serves.any(axis=1))


def read_entrances(settings: StudySettings, facilities: Facilities, crs: str, report: Report) -> Entrances:
    """Return where areas among the facilities are entered: at points of a layer, else at gates and entrances of the study's extracts."""
    found = []
    if settings.entrances is not None:
        layer = settings.entrances
        found.append(report.take(lambda: entrances_from_layer(_source(layer), crs)))
    extracts = [source.path for source in settings.facilities if isinstance(source, OsmTagFacilities)]
    if isinstance(settings.network, OsmFileNetwork):
        extracts.append(settings.network.path)
    if (shapely.get_dimensions(facilities.geometry) == 2).any():
        read = [partial(entrances_from_osm, path, crs, cache_folder() / "places") for path in dict.fromkeys(extracts)]
        found.extend(map(report.take, read))
    return entrances_of(facilities.geometry, [points for points in found if points is not None])


def named_service(name: str, services: tuple[ServiceType, ...], column: str, report: Report) -> ServiceType | None:
    """Return the service of an id or a name, or None after noting what is near."""
    found = service_named(name, services)
    if found is None:
        report.faults.append(unknown_service(name, services, column))
    return found


def unknown_service(name: str, services: tuple[ServiceType, ...], column: str = "") -> Fault:
    """Say that no service has that id or name, and which are near."""
    names = {word: f"{service.id} {service.name.zh}" for service in services for word in service.words}
    near = dict.fromkeys(names[word] for word in difflib.get_close_matches(name, names))
    details = {"nearest": ", ".join(near) or "—", "known": ", ".join(dict.fromkeys(names.values()))}
    return Fault("unknown_service", column=column, value=name, details=details)


def read_footprints(settings: StudySettings, crs: str) -> GeometryArray:
    """Return all buildings of the extract the streets are from, none where they are from elsewhere: witnesses to where other places are."""
    network = settings.network
    if not isinstance(network, OsmFileNetwork):
        return np.empty(0, object)
    return reprojected(read_buildings(network.path, cache_folder() / "places").geometry, crs)


def read_districts(settings: StudySettings, crs: str) -> Reading[Districts]:
    """Read the districts of all levels; none where no layer is named."""
    return read_district_layers(settings.districts, crs)


def read_district_layers(layers: Iterable[DistrictLayer], crs: str) -> Reading[Districts]:
    """Read districts of all levels from layers of them."""
    sources = [DistrictSource(_source(one), one.columns.model_dump(), one.level) for one in layers]
    return districts_from_layers(sources, crs)


def read_circles(settings: StudySettings, crs: str, report: Report) -> Districts:
    """Read the living circles of every level that a layer is named for; none where they could not be read."""
    read = [
        report.take(partial(circles_from_layer, _source(layer), layer.columns.model_dump(), level, crs))
        for level, layer in settings.circle_layers.items()
    ]
    return together([circles for circles in read if circles is not None])


def read_population_table(
    settings: StudySettings, districts: Districts | None, report: Report
) -> PopulationTotals | None:
    """Read what a table says of the districts' population, None where there is none or it could not be read."""
    table = settings.population_table
    if table is None or districts is None:
        return None
    columns = table.columns.model_dump()
    return report.take(lambda: population_from_table(_source(table), columns, table.age_columns, districts))


def read_answers(
    settings: StudySettings, standard: Standard | None, districts: Districts | None, report: Report
) -> Answers:
    """Read what people told of the rules of a standard: registers first, then the checklist, which goes before them."""
    found = NO_ANSWERS
    if standard is None or districts is None:
        return found
    for sheet in (*settings.registers, settings.checklist):
        if sheet is not None:
            read = partial(answers_from_table, _source(sheet), sheet.columns.model_dump(), standard.rules, districts)
            more = report.take(read)
            if more is not None:
                found = more if not len(found) else found.followed_by(more)
    return found


def read_compounds(settings: StudySettings, crs: str, report: Report) -> tuple[Compounds, Gates] | None:
    """Read walled compounds and their gates, None where none are asked for or they could not be read."""
    chosen = settings.compounds
    if chosen is None:
        return None
    if isinstance(chosen, LayerCompounds):
        columns = chosen.columns.model_dump()
        compounds = report.take(lambda: compounds_from_layer(_source(chosen), columns, crs))
        found = None if compounds is None else (compounds, no_gates())
    else:
        every, places = chosen.areas == "residential", cache_folder() / "places"
        found = report.take(
            lambda: compounds_from_osm(chosen.path, crs, every_residential_area=every, cache_folder=places)
        )
    if found is None or chosen.gates is None:
        return found
    (compounds, mapped), layer = found, chosen.gates
    listed = report.take(lambda: gates_from_layer(_source(layer), layer.columns.model_dump(), compounds, crs))
    return None if listed is None else (compounds, mapped.followed_by(listed))


def read_study_area(
    settings: StudySettings, districts: Districts | None, crs: str, report: Report
) -> shapely.Geometry | None:
    """Return the boundary, else the union of the districts, else None."""
    boundary = settings.boundary
    if boundary is not None:
        area = report.take(lambda: boundary_from_layer(_source(boundary), crs))
        if area is not None and districts is not None:
            report.say(boundary_findings(area, districts, str(boundary.path)))
        return area
    return shapely.union_all(districts.geometry) if districts is not None and len(districts) else None


def read_natural_border(settings: StudySettings, crs: str, report: Report) -> shapely.Geometry | None:
    """Read where walks end by nature, a coast or a state border: streets that end there are not cut off."""
    border = settings.edge.natural_border
    return None if border is None else report.take(lambda: natural_border_from_layer(_source(border), crs))


def read_candidates(settings: StudySettings, services: tuple[ServiceType, ...], crs: str) -> Reading[Candidates | None]:
    """Read the candidates a layer lists, None where there is no such layer."""
    stock = settings.candidates
    if isinstance(stock, LayerCandidates):
        by_use = {use: AssumedCost(**cost.model_dump()) for use, cost in stock.missing_cost_by_use.items()}
        assumed = AssumedCosts(AssumedCost(**stock.missing_cost.model_dump()), by_use)
        listed = candidates_from_layer(_source(stock), stock.columns.model_dump(), crs, services, assumed)
        return Reading(listed.value, listed.warnings)
    return Reading(None)


def placed_candidates(placed: Sequence[PlacedCandidate], crs: str, services: int) -> Candidates:
    """Return places that were chosen by hand, in `crs`; every one of so many services may move in (0 where nothing is said of them)."""
    lonlat = np.array([one.lonlat for one in placed], float).reshape(-1, 2)
    xy = projected(lonlat[:, 0], lonlat[:, 1], crs)
    return Candidates(
        ids=np.array([one.id for one in placed], object),
        names=np.array([one.name for one in placed], object),
        xy=xy,
        geometry=np.asarray(shapely.points(xy), object),
        cost_wan_yuan=np.array([one.cost_wan_yuan for one in placed], float),
        floor_m2=np.array([one.floor_m2 for one in placed], float),
        allowed=np.ones((len(placed), services), bool),
    )


def read_excluded(settings: StudySettings, chosen: GapCandidates, crs: str, report: Report) -> GeometryArray:
    """Return the areas where no candidate is generated: those of layers, and those of the streets' extract under some tags."""
    read = [report.take(partial(boundary_from_layer, _source(layer), crs)) for layer in chosen.exclude]
    areas = [np.array([area], object) for area in read if area is not None]
    if chosen.exclude_tags:
        if not isinstance(settings.network, OsmFileNetwork):
            report.faults.append(Fault("exclude_tags_need_extract", column="candidates.exclude_tags"))
        else:
            tags = [dict([tag.split("=", 1)]) for tag in chosen.exclude_tags]
            found = reprojected(read_tagged(settings.network.path, tags, cache_folder() / "places").geometry, crs)
            areas.append(found[shapely.get_dimensions(found) == 2])
    return np.concatenate([np.empty(0, object), *areas])


def walker_of(settings: StudySettings) -> Walker:
    """Return the walker of the settings; stairs that bar the way have no factor."""
    walker = settings.walker
    return Walker(
        id=walker.preset,
        name=words_of(walker.name),
        speed_metres_per_second=walker.speed_metres_per_second,
        slope=walker.slope,
        stairs_factor=walker.stairs_factor if walker.stairs else None,
        crossing=CrossingSeconds(**walker.crossing_seconds.model_dump()),
        wide_roads=walker.wide_roads,
    )


def _source(layer: LayerSettings) -> LayerSource:
    return LayerSource(path=layer.path, layer=layer.layer, crs=layer.crs, datum=layer.datum, database=layer.database)


def words_of(title: Title) -> Words:
    """Return a title in both languages; one that is missing is the other."""
    return Words(zh=title.zh or title.en, en=title.en or title.zh)
