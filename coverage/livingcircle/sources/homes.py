"""Homes: residential buildings of OpenStreetMap, or a layer of footprints or points, with residents and households."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.kernel.floors import FloorAssumptions, residents_by_floor
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, TextArray
from livingcircle.model.people import NO_UNPLACED, REVIEW_REASONS, AgeCounts, Housing, QuarantinedHomes, no_ages
from livingcircle.model.places import Homes
from livingcircle.sources.ages import age_columns, age_counts, age_warnings
from livingcircle.sources.building_floors import BuildingEstimate, buildings_of, note_estimate, note_not_lived_in
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, number_column, text_column
from livingcircle.sources.dwellings import is_home, levels_above_ground
from livingcircle.sources.layers import Layer, LayerSource, inner_points, open_layer, raise_faults
from livingcircle.sources.osm import read_buildings, reprojected
from livingcircle.sources.plausible import Bounds, confirmed_rows, doubts, is_only_alike, reasons_said
from livingcircle.sources.population import OpenedCells, PopulationCells, open_cells
from livingcircle.sources.population_raster import OpenedRaster, PopulationRaster, open_raster
from livingcircle.sources.reading import Reading

Population = PopulationCells | PopulationRaster

NO_DISTRICT = -1
EXAMPLES_SHOWN = 3


def opened(population: Population | None) -> OpenedCells | OpenedRaster | None:
    """Open population cells or rasters, to find what is wrong with them before the homes are known."""
    if population is None:
        return None
    return open_cells(population) if isinstance(population, PopulationCells) else open_raster(population)


def _knows_ages(population: Population | None) -> bool:
    """Whether residents by age come with the population, and not from the register."""
    if population is None:
        return False
    return bool(population.age_columns if isinstance(population, PopulationCells) else population.age_groups)


def homes_from_osm_buildings(
    path: Path,
    crs: str,
    *,
    residential_buildings: Sequence[str],
    minimum_footprint_m2: float,
    default_levels: float,
    floor_m2_per_resident: float,
    residents_per_household: float,
    population: Population | None = None,
    cache_folder: Path | None = None,
) -> Reading[Housing]:
    """Read the residential buildings of an OpenStreetMap file, ordered by type and number.

    `floor_m2 = footprint_m2 × levels`; `residents = floor_m2 ÷ floor_m2_per_resident` (`kernel.floors`), unless `population` is spread
    over the floor areas; `households = residents ÷ residents_per_household`. All of it is estimated, which the warnings say.

    Parameters
    ----------
    path
        `.osm.pbf` or `.osm`.
    crs
        Projected coordinate reference system in metres.
    residential_buildings
        Values of the `building` tag that are homes; see `livingcircle.sources.dwellings.is_home` for `yes`.
    minimum_footprint_m2
        Smaller buildings are sheds; one of exactly this size is a home.
    default_levels
        Levels of a building without `building:levels`.
    floor_m2_per_resident, residents_per_household
        The assumptions behind the estimates.
    population
        Cells or a raster whose residents are spread over the homes; a home outside all cells then has none.
    cache_folder
        Where buildings are kept between runs; nowhere when left out.

    Raises
    ------
    InputError
        With the faults of the file and of the population cells, or when there is no home.
    """
    cells = opened(population)
    faults = () if cells is None else cells.faults
    try:
        buildings = read_buildings(path, cache_folder)
    except InputError as error:
        raise InputError((*error.faults, *faults)) from error
    lived_in = np.array([is_home(tags, residential_buildings) for tags in buildings.tags], dtype=bool)
    ids, tags = buildings.ids[lived_in], buildings.tags[lived_in]
    geometry = reprojected(buildings.geometry[lived_in], crs)
    footprint_m2: FloatArray = shapely.area(geometry)
    large = footprint_m2 >= minimum_footprint_m2
    if not large.any():
        faults = (Fault("no_homes", file=str(path)), *faults)
    if faults:
        raise InputError(faults)
    ids, tags, geometry, footprint_m2 = ids[large], tags[large], geometry[large], footprint_m2[large]

    levels = np.array([levels_above_ground(own) or np.nan for own in tags], float)
    assumed = FloorAssumptions(floor_m2_per_resident, default_levels)
    unknown, whole = np.full(len(ids), np.nan), np.ones(len(ids))
    estimate = residents_by_floor(footprint_m2, levels, unknown, whole, assumed)
    residents, ages, unplaced = estimate.residents, no_ages(len(ids)), NO_UNPLACED
    if cells is None:
        details = {
            "floor_m2_per_resident": floor_m2_per_resident,
            "share": float(estimate.from_default.mean()),
            "default_levels": default_levels,
        }
        warnings: tuple[Fault, ...] = (Fault("residents_estimated", file=str(path), details=details),)
    else:
        people = cells.over_homes(geometry, estimate.floor_m2, crs)
        residents, ages, unplaced, warnings = people.residents, people.ages, people.unplaced, people.warnings
    homes = _homes(
        ids, inner_points(geometry), geometry, residents, residents / residents_per_household, estimate.floor_m2, ages
    )
    warnings = (*warnings, *age_warnings(ages, residents, ids, str(path)))
    return Reading(Housing(homes, unplaced), (*warnings, _households_estimated(str(path), residents_per_household)))


def homes_from_layer(
    source: LayerSource,
    columns: Mapping[str, str | None],
    crs: str,
    *,
    residents_per_household: float,
    estimate: BuildingEstimate | None = None,
    population: Population | None = None,
    age_groups: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    confirmed: Collection[str] = (),
) -> Reading[Housing]:
    """Read a layer or table of residential footprints or points, in the order of its rows.

    Where a row has only one of residents and households, the other is estimated with `residents_per_household`; where it has neither,
    residents are estimated from its floor area if `estimate` says how, else it is a fault. Rows that cannot be right are left out
    (`livingcircle.sources.plausible`) and listed in `Housing.quarantined`, unless confirmed. With `population`, residents come from its
    cells, and columns of residents are not read. Warnings say all of it.

    Parameters
    ----------
    source
        The layer.
    columns
        Names of the columns for `id`, `name`, `lon`, `lat`, `residents`, `households`, `floor_m2`, `levels`, `height_metres`,
        `residential_share` and `use`; those that are None or absent are recognised by name.
    crs
        Projected coordinate reference system in metres.
    residents_per_household
        The assumption behind what is estimated.
    estimate
        How the residents of buildings are estimated; None where they are not.
    population
        Cells or a raster whose residents are spread over the homes by `floor_m2`, or by footprint where that is unknown.
    age_groups
        Columns of residents by age, by the name of the group; recognised by their headers when empty, not read where `population` has
        age groups of its own.
    bounds
        What the numbers of a row can be; the usual ones when left out.
    confirmed
        Ids of rows that were reviewed and are right.

    Raises
    ------
    InputError
        With every fault of the layer and of the population cells.
    """
    layer = open_layer(source, needed="any", columns=columns)
    cells = opened(population)
    columns = match_columns(layer, {name: columns.get(name) for name in _FIELDS})
    ids, names = id_column(layer, columns["id"]), text_column(layer, columns["name"])
    households = number_column(layer, columns["households"], "households")
    residents = number_column(layer, columns["residents"] if cells is None else None, "residents")
    known_floor_m2 = number_column(layer, columns["floor_m2"], "m2")
    ages = no_ages(len(ids)) if _knows_ages(population) else age_counts(layer, age_columns(layer, age_groups or {}))
    buildings = None if estimate is None else buildings_of(layer, columns, estimate)
    is_area: BoolArray = shapely.get_dimensions(np.array(layer.frame.geometry.to_numpy(), object)) == 2
    if cells is None:
        estimable = ~np.isnan(known_floor_m2) | is_area if buildings else np.zeros(len(ids), bool)
        _note_missing_people(layer, columns, residents, households, estimable)
    sure, strange = confirmed_rows(ids, confirmed)
    for name in strange if layer.readable else ():
        layer.note(
            "confirmed_unknown", value=name, nearest=", ".join(difflib.get_close_matches(name, ids.tolist())) or "—"
        )
    geometry = _projected(layer, crs, cells)
    xy, footprint_m2 = inner_points(geometry), np.where(is_area, shapely.area(geometry), np.nan)
    floor_m2 = known_floor_m2
    counted = ~(np.isnan(residents) & np.isnan(households))
    lived_in = np.ones(len(ids), bool)
    if estimate is not None and buildings is not None:
        guess = residents_by_floor(
            footprint_m2, buildings.levels, buildings.height_metres, buildings.share, estimate.assumed
        )
        # A floor area that is stated is residential already.
        lived_in = (buildings.share > 0) | ~np.isnan(known_floor_m2)
        floor_m2 = np.where(np.isnan(known_floor_m2), guess.floor_m2, known_floor_m2)
        if cells is None:
            residents = np.where(counted, residents, floor_m2 / estimate.assumed.floor_m2_per_resident)
            note_estimate(layer, estimate, guess, np.isnan(known_floor_m2), ~counted & lived_in)
    residents = _filled_from_households(layer, residents, households, residents_per_household, wanted=cells is None)

    home = counted & (cells is None) | lived_in
    evident_floor_m2 = known_floor_m2
    if buildings is not None:
        evident_floor_m2 = np.where(buildings.levels > 0, floor_m2, known_floor_m2)
        note_not_lived_in(layer, buildings, ~home)
    reasons = doubts(
        names=names,
        geometry=geometry,
        xy=xy,
        residents=residents,
        households=households,
        floor_m2=evident_floor_m2,
        footprint_m2=footprint_m2,
        bounds=bounds or Bounds(),
    )
    doubtful = np.flatnonzero(home & (reasons != ""))
    quarantined = QuarantinedHomes(
        ids=ids[doubtful],
        names=names[doubtful],
        rows=(doubtful + layer.first_row).astype(np.int32),
        xy=xy[doubtful],
        residents=residents[doubtful],
        households=households[doubtful],
        floor_m2=known_floor_m2[doubtful],
        reasons=reasons[doubtful],
        kept=(sure | is_only_alike(reasons))[doubtful],
    )
    kept = home.copy()
    kept[doubtful] = quarantined.kept
    _note_quarantined(layer, quarantined, sure[doubtful], nothing_left=not kept.any())
    raise_faults(layer)

    ids, geometry = ids[kept], geometry[kept]
    residents, households, floor_m2 = residents[kept], households[kept], floor_m2[kept]
    ages = AgeCounts(ages.groups, ages.residents[kept])
    unplaced = NO_UNPLACED
    spread_warnings: tuple[Fault, ...] = ()
    if cells is not None:
        people = cells.over_homes(geometry, floor_m2, crs)
        residents, unplaced, spread_warnings = people.residents, people.unplaced, people.warnings
        ages = people.ages if people.ages.groups else ages
    warnings = (*layer.warnings, *spread_warnings, *age_warnings(ages, residents, ids, layer.file))
    unregistered = np.isnan(households)
    if unregistered.any():
        households = np.where(unregistered, residents / residents_per_household, households)
        warnings = (*warnings, _households_estimated(layer.file, residents_per_household))
    homes = _homes(ids, xy[kept], geometry, residents, households, floor_m2, ages)
    return Reading(Housing(homes, unplaced, quarantined), warnings)


_FIELDS = (
    "id",
    "name",
    "residents",
    "households",
    "floor_m2",
    "levels",
    "height_metres",
    "residential_share",
    "use",
)


def _projected(layer: Layer, crs: str, cells: OpenedCells | OpenedRaster | None) -> GeometryArray:
    """Return the geometry of the homes, or raise every fault of their layer and of the population cells in one."""
    faults, warnings = ((), ()) if cells is None else (cells.faults, cells.warnings)
    try:
        geometry = layer.projected(crs)
    except InputError as error:
        raise InputError((*error.faults, *faults), (*layer.warnings, *warnings)) from error
    if faults:
        raise InputError(faults, (*layer.warnings, *warnings))
    return geometry


# ── People ──────────────────────────────────────────────────────────────────


def _note_missing_people(
    layer: Layer,
    columns: Mapping[str, str | None],
    residents: FloatArray,
    households: FloatArray,
    estimable: BoolArray,
) -> None:
    """Note a layer without people, or else its rows without them, unless they can be estimated or their cells were noted already."""
    named = [column for column in (columns["residents"], columns["households"]) if column]
    present = [column for column in named if column in layer.frame.columns]
    if not layer.readable or len(present) < len(named):
        return
    if not estimable.any() and (not named or (not layer.faults and np.nansum(residents) + np.nansum(households) == 0)):
        known = not (np.isnan(residents).all() and np.isnan(households).all())
        layer.note("people_all_zero" if known else "no_people", column=" / ".join(present) if known else "")
        return
    noted = {fault.row for fault in layer.findings if fault.severity == "fault" and fault.column in present}
    for index in np.flatnonzero(np.isnan(residents) & np.isnan(households) & ~estimable):
        if layer.row(index) not in noted:
            layer.note("missing_value", index=index, column=" / ".join(present) or columns["floor_m2"] or "floor_m2")


def _filled_from_households(
    layer: Layer, residents: FloatArray, households: FloatArray, residents_per_household: float, *, wanted: bool
) -> FloatArray:
    """Return the residents (n,), those unknown estimated from households, which is noted."""
    uncounted = np.isnan(residents) & ~np.isnan(households)
    if wanted and uncounted.any():
        count = int(uncounted.sum())
        layer.note("residents_from_households", count=count, residents_per_household=residents_per_household)
        return np.where(uncounted, households * residents_per_household, residents)
    return residents


def _note_quarantined(layer: Layer, found: QuarantinedHomes, sure: BoolArray, *, nothing_left: bool) -> None:
    """Note which rows are left out, which were confirmed and which are merely pointed out; that no row is left is a fault."""
    for row, reasons in zip(found.rows, found.reasons, strict=True):
        words = [REVIEW_REASONS[code] for code in reasons.split(";")]
        said_zh, said_en = "，".join(word.zh for word in words), ", ".join(word.en for word in words)
        layer.note("row_for_review", index=row - layer.first_row, reasons_zh=said_zh, reasons_en=said_en)
    if nothing_left:
        kind = "all_quarantined" if len(found) else "no_homes"
        said = reasons_said(found.reasons)
        layer.note(kind, count=len(found), reasons_zh=said["zh"], reasons_en=said["en"])
        return
    alike = is_only_alike(found.reasons)
    for kind, rows in (
        ("homes_quarantined", ~found.kept),
        ("outliers_confirmed", sure & ~alike),
        ("homes_alike", alike & ~sure),
    ):
        if rows.any():
            said = reasons_said(found.reasons[rows])
            layer.note(
                kind,
                count=int(rows.sum()),
                residents=float(np.nansum(found.residents[rows])),
                households=float(np.nansum(found.households[rows])),
                examples=", ".join(found.ids[rows][:EXAMPLES_SHOWN]),
                reasons_zh=said["zh"],
                reasons_en=said["en"],
            )


def _homes(
    ids: TextArray,
    xy: FloatArray,
    geometry: GeometryArray,
    residents: FloatArray,
    households: FloatArray,
    floor_m2: FloatArray,
    ages: AgeCounts,
) -> Homes:
    areas_m2: FloatArray = shapely.area(geometry)
    return Homes(
        ids=ids,
        xy=xy,
        geometry=geometry,
        residents=residents,
        households=households,
        floor_m2=floor_m2,
        footprint_m2=np.where(shapely.get_dimensions(geometry) == 2, areas_m2, np.nan),
        district=np.full(len(ids), NO_DISTRICT, dtype=np.int32),
        residents_by_age=ages.residents,
        age_groups=ages.groups,
    )


def _households_estimated(file: str, residents_per_household: float) -> Fault:
    return Fault("households_estimated", file=file, details={"residents_per_household": residents_per_household})
