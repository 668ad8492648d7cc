"""The people of the made-up sub-district: fixed totals for each community, shared out among its houses."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ground import Compound, House

STREET_CODE, STREET_NAME = "639999001", "清河街道"
"""No prefecture is coded 6399, so no place has this code; yet it is built like one (GB/T 2260, GB/T 10114)."""


@dataclass(frozen=True)
class Community:
    """A community and how many live there."""

    number: int
    stem: str
    households: int
    residents: int
    ages: tuple[int, ...]

    @property
    def code(self) -> str:
        """Its code of 12 digits, 统计用区划代码."""
        return f"{STREET_CODE}{self.number:03d}"

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.stem}社区"


BANDS = ("0-3岁", "3-6岁", "6-12岁", "12-15岁", "60-64岁", "65-79岁", "80岁以上")
GROUPS = ("0-3岁", "3-6岁", "6-12岁", "12-15岁", "60岁以上", "65岁以上", "80岁以上")
"""As registers write them; the last three overlap: 60岁以上 holds the other two."""
COMMUNITIES = (
    Community(1, "清湾", 2600, 6800, (190, 204, 408, 190, 374, 748, 190)),
    Community(2, "柳园", 2750, 7200, (274, 302, 562, 238, 266, 468, 101)),
    Community(3, "石桥", 2500, 6500, (130, 143, 312, 150, 488, 1040, 280)),
    Community(4, "南营", 2700, 7000, (196, 210, 427, 203, 385, 742, 189)),
    Community(5, "东渡", 2400, 6200, (155, 168, 347, 167, 403, 868, 229)),
    Community(6, "新集", 2650, 6900, (248, 269, 518, 221, 290, 545, 117)),
    Community(7, "北岸", 2450, 6400, (166, 179, 371, 179, 384, 794, 211)),
    Community(8, "书院", 2300, 6000, (168, 186, 384, 186, 336, 648, 168)),
    Community(9, "槐荫", 2650, 7000, (189, 203, 420, 203, 413, 833, 210)),
)
"""60,000 residents in 23,000 households; of each community the residents of `BANDS`."""
FLOOR_M2_PER_RESIDENT = 40.0


@dataclass(frozen=True)
class Home:
    """A residential house and who lives there."""

    code: str
    compound: Compound
    house: House
    households: int
    residents: int
    bands: tuple[int, ...]

    @property
    def groups(self) -> tuple[int, ...]:
        """Residents of `GROUPS`."""
        *children, to_64, to_79, older = self.bands
        return (*children, to_64 + to_79 + older, to_79 + older, older)


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Share out whole people so that they add up; the largest remainders get the last ones."""
    exact = [total * weight / sum(weights) for weight in weights]
    whole = [int(part) for part in exact]
    order = sorted(range(len(weights)), key=lambda k: (whole[k] - exact[k], k))
    for k in order[: total - sum(whole)]:
        whole[k] += 1
    return whole


def settle(compounds: Sequence[Compound], chance: random.Random) -> list[Home]:
    """Fit the levels of the houses to the people of each community, and share them out."""
    homes: list[Home] = []
    for community in COMMUNITIES:
        mine = [one for one in compounds if one.community == community.number]
        floor = sum(house.floor_m2 for one in mine for house in one.houses)
        scale = FLOOR_M2_PER_RESIDENT * community.residents / floor
        for house in (house for one in mine for house in one.houses):
            house.levels = max(3, round(house.levels * scale))
        placed = [(one, house) for one in mine for house in one.houses]
        households = shared_out(community.households, [house.floor_m2 for _, house in placed])
        residents = shared_out(community.residents, [count * chance.uniform(0.96, 1.04) for count in households])
        bands = [
            shared_out(total, [count * chance.uniform(0.9, 1.1) for count in residents]) for total in community.ages
        ]
        for k, (compound, house) in enumerate(placed):
            code = f"{compound.code}-{compound.houses.index(house) + 1:02d}"
            homes.append(Home(code, compound, house, households[k], residents[k], tuple(band[k] for band in bands)))
    return homes
