"""Areas: isochrones, catchments, gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from livingcircle.model.outcome import Catchments, GapAreas, Isochrones, ServiceAreas
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import limit_columns, lonlat_columns, present, service_columns, service_numbers


def isochrone_areas(study: Study, isochrones: Isochrones) -> pd.DataFrame:
    """How large each isochrone is; empty for a service without any known facility."""
    known = present(study)[isochrones.service]
    return pd.DataFrame(
        {
            **service_columns(study, isochrones.service),
            "limit_minutes": isochrones.limit_seconds / 60,
            "area_km2": np.where(known, shapely.area(isochrones.geometry) / 1e6, np.nan),
        }
    )


def catchments(study: Study, areas: Catchments) -> pd.DataFrame:
    """The areas of each facility on its own; only layers of the GeoPackage show them, without those that are not `published`."""
    return pd.DataFrame(
        {
            "facility_id": study.facilities.ids[areas.place],
            "facility_name": study.facilities.names[areas.place],
            "limit_minutes": areas.limit_seconds / 60,
            "area_km2": shapely.area(areas.geometry) / 1e6,
        }
    )


def service_areas(study: Study, areas: ServiceAreas) -> pd.DataFrame:
    """The areas from which a facility is the nearest of its service; only layers of the GeoPackage show them."""
    return pd.DataFrame(
        {
            **service_columns(study, areas.service),
            "facility_id": study.facilities.ids[areas.facility],
            "facility_name": study.facilities.names[areas.facility],
            "limit_minutes": areas.limit_seconds / 60,
            "area_km2": shapely.area(areas.geometry) / 1e6,
        }
    )


def gap_areas(study: Study, gaps: GapAreas) -> pd.DataFrame:
    """Gap areas by requirement, ranked within it; their place is a point inside the area."""
    every = study.standard.requirements
    service = service_numbers(study, every)[gaps.requirement] if len(gaps) else np.zeros(0, np.int32)
    inside = shapely.get_coordinates(shapely.point_on_surface(gaps.geometry)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "requirement_id": [every[number].id for number in gaps.requirement],
            **service_columns(study, service),
            **limit_columns(
                study, service, np.array([every[number].limit_seconds for number in gaps.requirement], float)
            ),
            "gap_rank": pd.Series(gaps.requirement).groupby(gaps.requirement).cumcount().to_numpy() + 1,
            **lonlat_columns(study, inside),
            "residents": gaps.residents,
            "households": gaps.households,
            "homes": gaps.homes,
            "median_walk_minutes": np.where(np.isfinite(gaps.median_seconds), gaps.median_seconds / 60, np.nan),
        }
    )


def gap_totals(study: Study, gaps: GapAreas) -> pd.DataFrame:
    """How many gap areas each requirement has, and who lives in them; requirements that were not looked at are left out."""
    areas = gap_areas(study, gaps)
    keys = ["requirement_id", "service_id", "service_zh", "service_en", "limit_minutes", "limit_metres"]
    totals = areas.groupby(keys, sort=False, as_index=False, dropna=False).agg(
        gap_areas=("gap_rank", "size"),
        residents=("residents", "sum"),
        households=("households", "sum"),
        homes=("homes", "sum"),
    )
    return pd.DataFrame(totals)
