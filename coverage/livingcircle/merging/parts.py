"""What the merging needs of one study: the walks of its homes and the outlines of its districts, as GeoParquet partitions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from livingcircle.model.results import Results
from livingcircle.render.folder import replaced_file
from livingcircle.render.tables.lookup import district_columns, lonlat_columns, named, present

WALK = "walk_seconds_"
METRES = "walk_metres_"
LONGITUDE_LATITUDE = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one study that are merged: its homes, its districts and its run record."""

    homes: Path
    districts: Path
    record: Path

    @property
    def sha256(self) -> str:
        """The digest of both partitions, which tells whether a disk still holds what was written; "" where one cannot be read."""
        digest = hashlib.sha256()
        try:
            for partition in (self.homes, self.districts):
                with partition.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError:
            return ""
        return digest.hexdigest()


def write_parts(results: Results, parts: Parts) -> None:
    """Write homes and districts of a study, each complete or not at all.

    Homes have a column `walk_seconds_<service>` for every service that is open to all: unreachable is infinite, unknown (no facility in the
    input, or the home not joined to a street) is empty. Where the standard sets a limit in metres, `walk_metres_<service>` are the metres
    walked, by which it is judged. Of a study in tiles whatever lies beyond the longest limit is infinite.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    study = results.study
    write_geoparquet(parts.homes, pd.DataFrame(_home_columns(results)))
    shapes = geopandas.GeoSeries(study.districts.geometry, crs=study.crs).to_crs(LONGITUDE_LATITUDE)
    columns = {**district_columns(study.districts), "undivided": study.districts.undivided}
    districts = geopandas.GeoDataFrame(pd.DataFrame(columns), geometry=shapes.to_numpy(), crs=LONGITUDE_LATITUDE)
    with replaced_file(parts.districts) as draft:
        districts.to_parquet(draft, index=False)


def write_geoparquet(file: Path, homes: pd.DataFrame) -> None:
    """Write homes with their points, and the box around each as plain columns, complete or not at all."""
    points = shapely.points(homes["lon"].to_numpy(float), homes["lat"].to_numpy(float))
    with replaced_file(file) as draft:
        geopandas.GeoDataFrame(homes, geometry=points, crs=LONGITUDE_LATITUDE).to_parquet(
            draft, index=False, write_covering_bbox=True
        )


def _home_columns(results: Results) -> dict[str, object]:
    study, assessment = results.study, results.assessment
    homes, known = study.homes, present(study)
    in_metres = {one.service for one in study.standard.requirements if one.limit_metres is not None}
    plain = assessment.reach.seconds if assessment.plain_seconds is None else assessment.plain_seconds
    columns: dict[str, object] = {
        "home_id": homes.ids.astype(str),
        **lonlat_columns(study, homes.xy),
        "district_id": named(study.districts.ids, homes.district).astype(str),
        "residents": homes.residents,
        "households": homes.households,
    }
    for number, service in enumerate(study.standard.services):
        if not service.is_open:
            continue
        unknown = np.full(len(homes), np.nan)
        columns[f"{WALK}{service.id}"] = assessment.reach.seconds[number] if known[number] else unknown
        if service.id in in_metres:
            metres = plain[number] * study.walker.speed_metres_per_second
            columns[f"{METRES}{service.id}"] = metres if known[number] else unknown
    return columns
