"""Facilities of all layers as one, their entrances, and what people say of them."""

from __future__ import annotations

import difflib
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.places import (
    NO_REVIEW,
    Districts,
    Entrances,
    Facilities,
    FacilityReview,
    MergedFacilities,
)
from livingcircle.model.register import NO_ANSWERS, Answers
from livingcircle.model.standard import ServiceType, Standard, service_named
from livingcircle.readers.named import cache_folder, source_of
from livingcircle.readers.report import Report
from livingcircle.settings import (
    AmapFacilities,
    BaiduFacilities,
    LayerFacilities,
    OsmFileNetwork,
    OsmTagFacilities,
    PoiFacilities,
    StudySettings,
)
from livingcircle.sources.answers import answers_from_table
from livingcircle.sources.entrances import entrances_from_layer, entrances_from_osm, entrances_of
from livingcircle.sources.facilities import (
    classified_from_layer,
    facilities_from_layer,
    facilities_from_osm_tags,
    join_facilities,
)
from livingcircle.sources.reading import Reading
from livingcircle.sources.same_place import merge_facilities


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
                    source_of(source), columns, source.service, services, crs, count_planned=counted
                )
            provider = source.kind if isinstance(source, AmapFacilities | BaiduFacilities) else None
            told = classified_from_layer(
                replace(source_of(source), pois=provider),
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
        found.append(report.take(lambda: entrances_from_layer(source_of(layer), crs)))
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


def read_answers(
    settings: StudySettings, standard: Standard | None, districts: Districts | None, report: Report
) -> Answers:
    """Read what people told of the rules of a standard: registers first, then the checklist, which goes before them."""
    found = NO_ANSWERS
    if standard is None or districts is None:
        return found
    for sheet in (*settings.registers, settings.checklist):
        if sheet is not None:
            read = partial(answers_from_table, source_of(sheet), sheet.columns.model_dump(), standard.rules, districts)
            more = report.take(read)
            if more is not None:
                found = more if not len(found) else found.followed_by(more)
    return found
