"""Make the sample sub-district 清河街道: everything in it is made up, and everything follows from one seed.

    python data/qinghe/generate.py [FOLDER]

Writes the files described in SOURCE.md beside this script, or into a folder. Same seed, same content.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

from files import write_all
from ground import Ground, lay_out
from people import Home, settle
from services import Facility, Poi, Site, facilities, pois, sites
from walks import health_centre

SEED = 5


@dataclass
class Town:
    """The whole sub-district."""

    ground: Ground
    homes: list[Home]
    sites: list[Site]
    facilities: list[Facility]
    pois: list[Poi]


def made() -> Town:
    """Make the sub-district, the same every time."""
    chance = random.Random(SEED)  # noqa: S311 - a town is no secret
    ground = lay_out(chance)
    homes = settle(ground.compounds, chance)
    areas = sites(ground)
    return Town(ground, homes, areas, facilities(ground, health_centre(ground, homes)), pois(ground, chance))


if __name__ == "__main__":
    write_all(made(), Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
