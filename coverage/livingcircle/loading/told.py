"""What every reader of the results must know of the inputs, beyond what each file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from livingcircle.faults import Fault, several
from livingcircle.kernel.edge import absent_outside, margin_of, seconds_to_cut
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import Impedance
from livingcircle.model.columns import TextArray
from livingcircle.model.completeness import POOR, NetworkCompleteness
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.people import Housing
from livingcircle.model.places import Districts, Entrances, Facilities, Homes
from livingcircle.model.standard import ServiceType, Standard
from livingcircle.readers import (
    FoundFacilities,
    Report,
    read_footprints,
)
from livingcircle.render.completeness import completeness_remark
from livingcircle.render.words import LANGUAGES, say_code
from livingcircle.settings import StudySettings
from livingcircle.sources.detective import Witnesses, cross_examined, is_offset_here
from livingcircle.sources.layers import Layer

EXAMPLES_SHOWN = 3


LEAST_BUFFER_METRES = 1500.0


def suspect_datums(
    settings: StudySettings,
    streets: StreetEdges | None,
    housing: Housing | None,
    found: FoundFacilities | None,
    with_homes: Sequence[Layer],
    others: Sequence[Layer],
    report: Report,
) -> None:
    """Ask of every layer whether its places lie where its datum says; homes that are in doubt themselves are no witnesses."""
    asked = [layer for layer in (*with_homes, *others) if layer.source is not None]
    if streets is None or housing is None or found is None or not asked or not is_offset_here(streets):
        return
    homes, facilities = housing.homes, found.facilities
    footprints = read_footprints(settings, streets.crs)
    witnesses = Witnesses(streets.crs, shapely.STRtree(streets.lines), shapely.STRtree(footprints))
    said = [cross_examined(layer, witnesses) for layer in with_homes]
    if not any(fault is not None and fault.severity != "note" for fault in said):
        footprints = np.concatenate([footprints, homes.geometry[~np.isnan(homes.footprint_m2)]])
        witnesses = replace(witnesses, footprints=shapely.STRtree(footprints))
    for layer in others:
        elsewhere = facilities.source != Path(layer.file).name
        named = replace(witnesses, names=facilities.names[elsewhere], named_xy=facilities.xy[elsewhere])
        said.append(cross_examined(layer, named))
    for fault in said:
        if fault is not None:
            {"fault": report.faults, "warning": report.warnings, "note": report.notes}[fault.severity].append(fault)


def note_unjoined(layer: str, ids: TextArray, anchors: Anchors, report: Report) -> None:
    """Note the places of a layer that no street is near enough to; that none is is a fault."""
    missed = np.flatnonzero(~anchors.joined)
    if not len(missed):
        return
    details: dict[str, str | float] = {
        "count": len(missed),
        "metres": anchors.cap_metres,
        "layer_zh": say_code("role", layer, "zh"),
        "layer_en": say_code("role", layer, "en"),
        "examples": ", ".join(str(name) for name in ids[missed[:EXAMPLES_SHOWN]]),
    }
    if len(missed) == anchors.places:
        report.faults.append(Fault("all_outside_study", details=details))
    else:
        report.warnings.append(Fault("outside_study", details=details))


def areas_entered(facilities: Facilities, entrances: Entrances, anchors: Anchors) -> Iterable[Fault]:
    """Say how many areas are entered in which way."""
    is_area = (shapely.get_dimensions(facilities.geometry) == 2) & anchors.joined
    at_entrances, alone, crossed = (np.zeros(len(facilities), bool) for _ in range(3))
    at_entrances[entrances.place] = True
    alone[entrances.place[entrances.alone]] = True
    crossed[anchors.place[anchors.access_metres == 0]] = True
    if is_area.any():
        ways = {
            "stated": is_area & alone,
            "mapped": is_area & at_entrances & ~alone,
            "crossed": is_area & ~at_entrances & crossed,
            "bounded": is_area & ~at_entrances & ~crossed,
        }
        counts = {way: int(areas.sum()) for way, areas in ways.items()}
        yield Fault("areas_entered", details={"count": int(is_area.sum()), **counts})


def missing_services(services: tuple[ServiceType, ...], facilities: Facilities) -> Iterable[Fault]:
    """Name the kinds of places of which there is none; no list is asked for what is no place, nor for what may not be located."""
    missing = [
        service.name
        for service, offered in zip(services, np.any(facilities.serves, axis=0).tolist(), strict=True)
        if service.kind == "facility" and service.privacy != "restricted" and not offered
    ]
    if missing:
        named = {
            "services_zh": "、".join(name.zh for name in missing),
            "services_en": ", ".join(name.en for name in missing),
        }
        yield Fault("no_facility", details={"count": len(missing), **named})


def edge_effect(
    settings: StudySettings,
    standard: Standard,
    network: WalkNetwork,
    walk: Impedance,
    homes: Homes,
    home_anchors: Anchors,
    *,
    guessed: bool,
) -> Iterable[Fault]:
    """Say how many residents reach the end of the data within the longest limit, so that facilities beyond might serve them."""
    limit = _longest_limit_seconds(settings, standard)
    cut_seconds = seconds_to_cut(network, walk, home_anchors, homes.xy)
    near, residents = covered(cut_seconds, limit), homes.residents.sum()
    if residents > 0 and homes.residents[near].any():
        share = float(homes.residents[near].sum() / residents)
        metres = limit * settings.walker.speed_metres_per_second
        how = (
            {"how_zh": "（边缘位置为推测）", "how_en": " (as far as one can guess)"}
            if guessed
            else {"how_zh": "", "how_en": ""}
        )
        yield Fault("edge_effect", details={"share": share, "minutes": limit / 60, "metres": metres, **how})


def incomplete(found: NetworkCompleteness, districts: Districts) -> Iterable[Fault]:
    """Say where streets are missing, as far as one can know, and what that does to walking times."""
    if found.grade[0] in POOR:
        said = {f"says_{one}": _bare(completeness_remark(found, one)) for one in LANGUAGES}
        yield Fault("network_incomplete", details=said)
    poor = np.flatnonzero((found.grade[1:] == "D") & districts.undivided)
    if len(poor):
        examples = several(districts.names[poor], EXAMPLES_SHOWN)
        yield Fault("districts_incomplete", details={"count": len(poor), "examples": examples})


def _bare(sentences: str) -> str:
    """Leave the last full stop to the fault's own sentence."""
    return sentences.rstrip("。.")


def margin_told(
    settings: StudySettings,
    standard: Standard,
    area: shapely.Geometry,
    network: WalkNetwork,
    homes: Homes,
    facilities: Facilities,
) -> Iterable[Fault]:
    """Say where streets or facilities do not reach far enough beyond the study area, and whether homes lie outside it."""
    walked = _longest_limit_seconds(settings, standard) * settings.walker.speed_metres_per_second
    needed = settings.edge.buffer_metres or max(LEAST_BUFFER_METRES, walked)
    margin = margin_of(area, network.streets, needed)
    if margin.reached_metres < needed:
        kind = {"warn": "short_margin", "refuse": "clipped_network"}[settings.edge.when_short]
        details = {"needed": needed, "reached": margin.reached_metres, "share": margin.short_share}
        yield Fault(kind, details=details)
    absent = absent_outside(area, network.streets, facilities.xy, facilities.serves, needed)
    if len(absent):
        names = [standard.services[service].name for service in absent]
        yield Fault(
            "facilities_stop_at_boundary",
            details={
                "metres": needed,
                "services_zh": "、".join(name.zh for name in names),
                "services_en": ", ".join(name.en for name in names),
            },
        )
    outside = ~shapely.intersects_xy(area, *homes.xy.T)
    if outside.any() and settings.boundary is not None:  # beyond districts, `homes_without_district` says so
        details = {"count": int(outside.sum()), "residents": float(homes.residents[outside].sum())}
        yield Fault("homes_outside_boundary", details=details)


def _longest_limit_seconds(settings: StudySettings, standard: Standard) -> float:
    limits = [60 * minutes for minutes in settings.outputs.isochrone_minutes]
    return max([*limits, *(requirement.limit_seconds for requirement in standard.requirements)], default=0.0)
