"""An area of OpenStreetMap as one extract on disk: streets, homes, facilities, compounds and gates, as of one day.

One file is the one source of truth: every reader takes it, it can be kept, copied to an office without a connection, and digested into
the record of a run. Its header states the box it covers, so that the ends of its streets are known, and the date of its data.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import osmium

from livingcircle.errors import InputError
from livingcircle.faults import Fault, reasons
from livingcircle.sources.online.areas import Area, Box, tiles
from livingcircle.sources.online.overpass import Answer, answer_to
from livingcircle.sources.online.patience import REQUEST_TIMEOUT_SECONDS, Tell, user_agent

SUFFIX = ".osm.pbf"
MEMORY_BYTES = 1 << 30
"""What a server may use for one tile; it would stop at half of that otherwise."""
STUDIED = (
    'way["highway"]',
    'way["railway"="platform"]',
    'way["public_transport"="platform"]',
    'relation["type"="multipolygon"]["highway"]',
    'relation["type"="multipolygon"]["railway"="platform"]',
    'relation["type"="multipolygon"]["public_transport"="platform"]',
    'way["building"]',
    'relation["building"]',
    'way["landuse"="residential"]',
    'relation["landuse"="residential"]',
    'nwr["barrier"]',
    'node["entrance"]',
)
"""What the readers of streets, homes, compounds and gates may have something to say about; facilities are asked for by their tags."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The extract at `path`: the `date` of its data (ISO 8601, UTC; `""` unknown), and how many streets it has.

    `kept` of its tiles had been fetched before.
    """

    path: Path
    date: str
    streets: int
    tiles: int
    kept: int


def fetch_extract(
    area: Area,
    facility_tags: Iterable[Mapping[str, str]],
    output: Path,
    cache_folder: Path,
    *,
    date: dt.date | None = None,
    refresh: bool = False,
    tell: Tell | None = None,
) -> Fetched:
    """Write everything a study needs of the box around `area` to `output` (`.osm.pbf`).

    Ways and areas that reach beyond the box are whole. Tiles that were fetched before, as after an interruption, are taken from
    `cache_folder`.

    Parameters
    ----------
    area
        What is asked for, its margin included.
    facility_tags
        The sets of tags of the service types.
    output
        Written when everything has been answered, or not at all.
    cache_folder
        Where answers are kept.
    date
        The day whose first moment (UTC) the data are of; as they are now when left out.
    refresh
        Ask again for what is kept.
    tell
        Told of each tile before it is asked for, of kept ones, and of waits.

    Raises
    ------
    InputError
        When the area is too large, holds no street, a server cannot be reached or does not answer, or `output` cannot be written.
    """
    if not output.name.endswith(SUFFIX):
        raise InputError(Fault("unknown_format", file=str(output), details={"formats": SUFFIX}))
    asked = tiles(area)
    wanted = sorted({*STUDIED, *map(_by_tags, _widest(facility_tags))})
    answers: list[Answer] = []
    for number, tile in enumerate(asked, start=1):
        if tell is not None:
            tell("tile", {"number": number, "total": len(asked)})
        answer = answer_to(_query(tile, wanted, date), area.label, cache_folder, refresh=refresh, tell=tell)
        if answer.kept and tell is not None:
            tell("kept", {"number": number, "date": answer.date[:10]})
        answers.append(answer)
    stated = "" if date is None else _first_moment(date)
    # Tiles of different days: the extract is no newer than the oldest of them.
    data_date = stated or min((answer.date for answer in answers if answer.date), default="")
    streets = _written(answers, area, data_date, output)
    return Fetched(output, data_date, streets, len(asked), sum(answer.kept for answer in answers))


def _query(tile: Box, wanted: Iterable[str], date: dt.date | None) -> str:
    west, south, east, north = tile
    settings = f"[out:xml][timeout:{REQUEST_TIMEOUT_SECONDS}][maxsize:{MEMORY_BYTES}]"
    settings += f"[bbox:{south},{west},{north},{east}]"
    if date is not None:
        settings += f'[date:"{_first_moment(date)}"]'
    lines = "".join(f"  {one};\n" for one in wanted)
    return f"{settings};\n(\n{lines});\n(._;>;);\nout body;\n"


def _widest(tag_sets: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the sets of tags without those that ask for a part of what another asks for."""
    sets = list(tag_sets)
    return [one for one in sets if not any(other.items() < one.items() for other in sets)]


def _by_tags(tags: Mapping[str, str]) -> str:
    """Ask for whatever carries all of the tags."""
    return "nwr" + "".join(
        f"[{json.dumps(key)}={json.dumps(value, ensure_ascii=False)}]" for key, value in tags.items()
    )


def _first_moment(date: dt.date) -> str:
    return f"{date.isoformat()}T00:00:00Z"


def _written(answers: Iterable[Answer], area: Area, date: str, output: Path) -> int:
    """Put the tiles together, each object once, and return how many streets there are."""
    west, south, east, north = area.box
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(west, south, east, north))
    header.set("generator", user_agent())
    if date:
        header.set("osmosis_replication_timestamp", date)
    part = output.with_name(f".{os.getpid()}.{output.name}")
    streets = _Streets()
    try:
        together = osmium.MergeInputReader()
        for answer in answers:
            together.add_file(str(answer.path))
        output.parent.mkdir(parents=True, exist_ok=True)
        with osmium.SimpleWriter(str(part), overwrite=True, header=header) as writer:
            together.apply(writer, streets, simplify=True)
        if not streets.count:
            raise InputError(Fault("nothing_there", value=area.label))
        part.replace(output)
    except RuntimeError as error:  # damaged since it was kept
        for answer in answers:
            answer.path.unlink(missing_ok=True)
        details = {"reason": str(error)}
        raise InputError(Fault("download_failed", value=area.label, details=details)) from error
    except OSError as error:
        raise InputError(Fault("unwritable_folder", file=str(output), details=reasons(error))) from error
    finally:
        part.unlink(missing_ok=True)
    return streets.count


class _Streets(osmium.SimpleHandler):
    """Count streets as they go by."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def way(self, way: osmium.osm.Way) -> None:
        """Count a way if it is one."""
        self.count += "highway" in way.tags
