"""Positions become ids and names again: the columns that many tables share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from livingcircle.kernel.gauge import services_present
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, TextArray
from livingcircle.model.network import Anchors
from livingcircle.model.places import Districts
from livingcircle.model.standard import Requirement, ServiceType
from livingcircle.model.study import Study
from livingcircle.render.outlines import lonlat_of


def is_open(service: ServiceType) -> bool:
    """Return whether places of a service may be shown, or found from what is shown; the others are published by district."""
    return service.is_open


def published(study: Study) -> BoolArray:
    """Return which facilities (f,) may be shown as points: those with a service that may."""
    may = np.array([is_open(service) for service in study.standard.services], bool)
    return np.asarray(study.facilities.serves[:, may].any(axis=1))


def present(study: Study) -> BoolArray:
    """(s,) whether the input holds any facility of each service that walkers can get to; else coverage is unknown, not nil."""
    return services_present(study.facilities.serves, study.facility_anchors.joined)


def service_columns(study: Study, service: IntArray) -> dict[str, object]:
    """Return id, Chinese and English name of the services at these positions."""
    types = study.standard.services
    told = {
        "service_id": [type_.id for type_ in types],
        "service_zh": [type_.name.zh for type_ in types],
        "service_en": [type_.name.en for type_ in types],
    }
    return {column: named(np.array(texts, object), service) for column, texts in told.items()}


def type_columns(column: str, rows: Iterable[Iterable[ServiceType]]) -> Mapping[str, list[str]]:
    """Return ids, Chinese and English names of the services of every row."""
    listed = [tuple(row) for row in rows]
    return {
        column: [";".join(service.id for service in row) for row in listed],
        f"{column}_zh": ["；".join(service.name.zh for service in row) for row in listed],
        f"{column}_en": ["; ".join(service.name.en for service in row) for row in listed],
    }


def limit_columns(study: Study, service: IntArray, limit_seconds: FloatArray) -> dict[str, object]:
    """Return the limits of services in minutes, and in metres where the standard writes that limit of that service in metres."""
    in_metres = [one for one in study.standard.requirements if one.limit_metres is not None]
    number = service_numbers(study, in_metres).tolist()
    metres = {(service, one.limit_seconds): one.limit_metres for service, one in zip(number, in_metres, strict=True)}
    rows = zip(service.tolist(), limit_seconds.tolist(), strict=True)
    return {
        "limit_minutes": limit_seconds / 60,
        "limit_metres": np.array([metres.get(row, np.nan) for row in rows], float),
    }


def service_numbers(study: Study, requirements: Sequence[Requirement]) -> IntArray:
    """Return the position of each requirement's service."""
    position = {service.id: number for number, service in enumerate(study.standard.services)}
    return np.array([position[rule.service] for rule in requirements], np.int32)


def district_columns(units: Districts) -> dict[str, TextArray]:
    """Return id, name and level of every district (d,), the id of the one it is part of, and the names of all those, the smaller first."""
    within, larger = np.full(len(units), "", object), units.parent
    while (larger >= 0).any():
        within = within + np.where((within != "") & (larger >= 0), ", ", "") + named(units.names, larger)
        larger = np.append(units.parent, np.int32(-1))[larger]
    return {
        "district_id": units.ids,
        "district_name": units.names,
        "district_level": units.level,
        "parent_id": named(units.ids, units.parent),
        "district_within": within,
    }


def unit_columns(study: Study, district: IntArray) -> dict[str, object]:
    """Return what district (-1: the whole study) or, after all districts, what circle a row is of, and how large a part that is."""
    circle = district >= len(study.districts)
    undivided = np.concatenate([study.districts.undivided, np.ones(len(study.circles), bool), [False]])[district]
    within = np.where(circle, "circle", np.where(undivided, "district", "larger_district"))
    return {"scope": np.where(district < 0, "study", within), **place_columns(study, district)}


def place_columns(study: Study, district: IntArray) -> dict[str, object]:
    """Return id, name and level of the districts at these positions, or circles after them, and what they are part of."""
    units = study.districts.followed_by(study.circles) if len(study.circles) else study.districts
    return {name: named(column, district) for name, column in district_columns(units).items()}


def named(names: TextArray, position: IntArray) -> TextArray:
    """Look names up; position -1 has none."""
    with_none: TextArray = np.append(names, np.array([""], object))
    return with_none[position]


def lonlat_columns(study: Study, xy: FloatArray) -> dict[str, object]:
    """Return points (n, 2) in metres as longitude and latitude, degrees of WGS-84."""
    lonlat = lonlat_of(xy, study.crs)
    return {"lon": lonlat[:, 0], "lat": lonlat[:, 1]}


def join_columns(anchors: Anchors) -> dict[str, object]:
    """Return whether places are joined to the streets, and how far those are, metres."""
    metres = np.where(np.isfinite(anchors.nearest_metres), anchors.nearest_metres, np.nan)
    return {"joined": anchors.joined, "street_metres": metres}


def unknown(length: int) -> pd.api.extensions.ExtensionArray:
    """Return a column of truth values that are not known."""
    return pd.array([None] * length, dtype="boolean")


def joined(parts: Sequence[FloatArray | IntArray], kind: type) -> FloatArray | IntArray:
    """Return the parts as one column, also where there are none."""
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind)
