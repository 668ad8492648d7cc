"""Areas: districts, living circles, compounds, the study area and the border of nature."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import shapely

from livingcircle.model.compound import Compounds, Gates
from livingcircle.model.places import (
    Districts,
)
from livingcircle.readers.named import cache_folder, source_of
from livingcircle.readers.report import Report
from livingcircle.settings import (
    DistrictLayer,
    LayerCompounds,
    StudySettings,
)
from livingcircle.sources.boundary import boundary_from_layer, natural_border_from_layer
from livingcircle.sources.circles import circles_from_layer, together
from livingcircle.sources.compounds import compounds_from_layer, compounds_from_osm, gates_from_layer, no_gates
from livingcircle.sources.district_shapes import boundary_findings
from livingcircle.sources.districts import DistrictSource, districts_from_layers
from livingcircle.sources.reading import Reading


def read_districts(settings: StudySettings, crs: str) -> Reading[Districts]:
    """Read the districts of all levels; none where no layer is named."""
    return read_district_layers(settings.districts, crs)


def read_district_layers(layers: Iterable[DistrictLayer], crs: str) -> Reading[Districts]:
    """Read districts of all levels from layers of them."""
    sources = [DistrictSource(source_of(one), one.columns.model_dump(), one.level) for one in layers]
    return districts_from_layers(sources, crs)


def read_circles(settings: StudySettings, crs: str, report: Report) -> Districts:
    """Read the living circles of every level that a layer is named for; none where they could not be read."""
    read = [
        report.take(partial(circles_from_layer, source_of(layer), layer.columns.model_dump(), level, crs))
        for level, layer in settings.circle_layers.items()
    ]
    return together([circles for circles in read if circles is not None])


def read_compounds(settings: StudySettings, crs: str, report: Report) -> tuple[Compounds, Gates] | None:
    """Read walled compounds and their gates, None where none are asked for or they could not be read."""
    chosen = settings.compounds
    if chosen is None:
        return None
    if isinstance(chosen, LayerCompounds):
        columns = chosen.columns.model_dump()
        compounds = report.take(lambda: compounds_from_layer(source_of(chosen), columns, crs))
        found = None if compounds is None else (compounds, no_gates())
    else:
        every, places = chosen.areas == "residential", cache_folder() / "places"
        found = report.take(
            lambda: compounds_from_osm(chosen.path, crs, every_residential_area=every, cache_folder=places)
        )
    if found is None or chosen.gates is None:
        return found
    (compounds, mapped), layer = found, chosen.gates
    listed = report.take(lambda: gates_from_layer(source_of(layer), layer.columns.model_dump(), compounds, crs))
    return None if listed is None else (compounds, mapped.followed_by(listed))


def read_study_area(
    settings: StudySettings, districts: Districts | None, crs: str, report: Report
) -> shapely.Geometry | None:
    """Return the boundary, else the union of the districts, else None."""
    boundary = settings.boundary
    if boundary is not None:
        area = report.take(lambda: boundary_from_layer(source_of(boundary), crs))
        if area is not None and districts is not None:
            report.say(boundary_findings(area, districts, str(boundary.path)))
        return area
    return shapely.union_all(districts.geometry) if districts is not None and len(districts) else None


def read_natural_border(settings: StudySettings, crs: str, report: Report) -> shapely.Geometry | None:
    """Read where walks end by nature, a coast or a state border: streets that end there are not cut off."""
    border = settings.edge.natural_border
    return None if border is None else report.take(lambda: natural_border_from_layer(source_of(border), crs))
