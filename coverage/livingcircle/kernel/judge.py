"""Verdicts: every rule against what was measured, for every unit it is meant for and for the whole study.

Nothing passes in silence. A rule is met only where the value is known to lie in the band it asks for, or where what is known is enough
whatever the rest may be; it is unmet only where no value of the rest could help. Everything else has no data, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from livingcircle.kernel.judged import (
    NO_SHARES,
    Judged,
    every_unit,
    followed,
    joined,
    judged_rows,
    prefixed,
    shown_only,
    undecided,
    without_excess,
    without_figures,
)
from livingcircle.kernel.metrics import METRICS, TOLD
from livingcircle.kernel.metrics.facts import CIRCLE, Facts, Measured, wanted_ids
from livingcircle.kernel.metrics.limits import Band, band
from livingcircle.kernel.metrics.walking import WALKED, four_shares, in_metres
from livingcircle.kernel.units import (
    CIRCLES,
    WIDTH,
    AdministrativeLevel,
    Units,
    drawn_units,
    units_at,
    whole_study,
)
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.places import Districts
from livingcircle.model.rule import Rule
from livingcircle.model.standard import ServiceType
from livingcircle.model.verdict import NO_RULE_VERDICTS, WHOLE_STUDY, RuleVerdicts

THERE = frozenset({"count", "one_per_unit", "presence"})
"""Metrics by which a rule asks that a service be there."""
ASKED = frozenset({"mandatory", "target"})
SIZES = frozenset({"residents_per_unit", "dwellings_per_unit"})
"""Metrics of how large a circle itself is drawn: they say nothing of the units that stand in for it."""
IN_THE_UNIT = THERE | {
    *("count_total", "named", "facility_list", "share_of_units_with", "count_per_resident", "share_of_building_floor"),
    *("floor_m2", "land_m2", "floor_m2_per_100_households", "floor_m2_per_1000_residents"),
    *("land_m2_per_1000_residents", "land_m2_per_resident", "residents_per_unit", "beds_per_1000_elderly"),
}
"""Metrics of what lies inside a unit, in all or by head of those who live there: what comes out hangs on how large the unit is drawn.
Walks, single places and streets do not: a home is as far from a school whatever unit it is counted in."""
UNITS_COUNT = frozenset(
    {"one_per_unit", "share_of_units_with", "presence", "named", "facility_list", "residents_per_unit"}
)
TOTALS = frozenset({"count", "count_total", "floor_m2", "land_m2"})
"""Of these, metrics that count units, and those whose mean is by unit."""
NAMING = frozenset({"named", "facility_list"})
"""Metrics of clauses that name services and do not say how many, nor that every unit has its own."""
CITY_LEVELS = ("county", "prefecture", "province")
"""Levels of districts of which one is as much as a city that plans for itself."""
ASSUMED_BASES: Mapping[str, str] = {"urban_residents": "assumed:urban_residents=residents"}
"""Bases no layer tells apart, and what is taken for them."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the rules of one study; `units` are those of each level, made when first asked for.

    `within` keeps which homes are within the limit of a walking rule, by the id of the rule. `circles` says which administrative level
    stands for a circle, `conditions` which conditions of clauses the study states to hold. `drawn` are circles that the city gave: they
    are the units of their level, at positions after those of the districts. `sizes` are the residents a circle of each level has by the
    rules themselves.
    """

    facts: Facts
    districts: Districts
    facility_district: IntArray
    circles: Mapping[str, AdministrativeLevel]
    conditions: Collection[str]
    drawn: Districts | None = None
    sizes: Mapping[str, Sequence[Band]] = field(default_factory=dict)
    units: dict[str, Units] = field(default_factory=dict)
    within: dict[str, BoolArray | None] = field(default_factory=dict)

    def verdicts(self, rules: Sequence[Rule]) -> RuleVerdicts:
        """Judge all rules, in order; of each its units come in the order of `Districts`, then the whole study."""
        judged = [self.one(number, rule) for number, rule in enumerate(rules)]
        if not judged:
            return NO_RULE_VERDICTS
        columns = [np.concatenate(column) for column in zip(*judged, strict=True)]
        named = dict(zip(Judged._fields, columns, strict=True))
        counts, evidence = named.pop("evidence_counts"), named.pop("evidence")
        return RuleVerdicts(
            rule=np.repeat(np.arange(len(judged), dtype=np.int32), [len(rows.unit) for rows in judged]),
            **named,
            evidence_indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            evidence=evidence.astype(np.int32),
        )

    def one(self, number: int, rule: Rule) -> Judged:
        """Judge one rule; a past value that was reported asks for nothing, so that what is found only stands beside it.

        Nor is the size of a circle (GB 50180-2018 3.0.4) asked of the units that stand in for it: nobody drew them to be of that size. A
        figure for a whole city (GB 55014-2021 2.1.3) is not asked of a part of one, and is said to be one wherever it is judged.
        """
        rows = self._one(number, rule)
        if rule.service == CIRCLE and rule.metric in SIZES and rule.level in self.circles and not self._is_drawn(rule):
            rows = shown_only(rows, "stand_in_units")
        if rule.whole_city:
            whole = np.isin(self.districts.level, CITY_LEVELS).any()
            rows = (
                rows._replace(reason=prefixed(rows.reason, "city_wide")) if whole else shown_only(rows, "part_of_city")
            )
        return shown_only(rows, "baseline") if rule.binding == "baseline" else rows

    def _one(self, number: int, rule: Rule) -> Judged:
        study = self._units("all")
        if rule.applies_when and rule.applies_when not in self.conditions:
            return without_figures(WHOLE_STUDY, "not_applicable", f"condition:{rule.applies_when}")
        if rule.metric == "design":
            return without_figures(WHOLE_STUDY, "not_applicable", "design")
        if rule.operator == "allow":
            return without_figures(WHOLE_STUDY, "not_applicable", "permission")
        provided = self._level(rule)
        level = provided if self._is_drawn(rule) else self.circles.get(provided, provided)
        remarks = [f"provided_at:{provided}"] if provided != rule.level else []
        remarks += [f"circle:{provided}={level}"] if level != provided else []
        if rule.base in ASSUMED_BASES:
            remarks.append(ASSUMED_BASES[rule.base])
        asked = band(rule)
        if asked is None:
            return without_figures(WHOLE_STUDY, "no_data", joined("no_threshold", *remarks))
        units = study if level == "all" else self._units(level)
        if level == "all" or (not len(units) and (rule.metric in WALKED or rule.metric in TOLD)):
            return self._judged(number, rule, asked, study, remarks if level == "all" else ["whole_study"])
        if not len(units) and provided != rule.level:
            return without_figures(WHOLE_STUDY, "not_applicable", f"beyond_study:{level}")
        if not len(units):
            return without_figures(WHOLE_STUDY, "no_data", joined("missing:districts", *remarks))
        unfit = self._unfit(rule, provided, level, units)
        if rule.statistic == "each":
            rows = undecided(self._judged(number, rule, asked, units, remarks), unfit)
            return followed(rows, every_unit(rule, rows, asked, remarks, self._shares(rule, units)))
        together = self._judged(number, rule, asked, units.together(), remarks)
        if _hangs_on_units(rule):
            together = undecided(together, np.array([unfit.any()]))
        if rule.metric in TOLD:
            return together
        rows = self._judged(number, rule, asked, units, remarks)
        shown = rows._replace(
            verdict=np.full(len(units), "not_applicable", object),
            shortfall=np.full(len(units), np.nan),
            excess=np.full(len(units), np.nan),
            reason=prefixed(f"statistic:{rule.statistic}", without_excess(rows.reason)),
        )
        return followed(shown, together)

    def _level(self, rule: Rule) -> str:
        """Return the level a rule is judged at: its own, or, where it only names services, the widest one they are provided at.

        A text for communities that says 老年大学 does not ask for one in each of them. What 15,000 residents share (10 minutes) is asked
        of the 15-minute circle where no smaller ones are drawn, rather than of single communities.
        """
        if rule.metric not in NAMING or rule.level == "all":
            return rule.level
        named = rule.members if rule.metric == "facility_list" else wanted_ids(rule)
        levels = [self.facts.services[self.facts.position[name]].level for name in named if name in self.facts.position]
        widest = max((rule.level, *levels), key=WIDTH.__getitem__)
        if WIDTH[widest] == WIDTH[rule.level]:
            return rule.level
        return "15min" if widest == "10min" and not len(self._units("10min")) else widest

    def _is_drawn(self, rule: Rule) -> bool:
        """Whether the city drew circles of the rule's level; figures that people tell come by district all the same."""
        level = self._level(rule)
        return level in CIRCLES and rule.metric not in TOLD and len(self._units(level)) > 0

    def _unfit(self, rule: Rule, circle: str, level: str, units: Units) -> BoolArray:
        """Whether each unit stands in for a circle of another size than the rules give it, for a rule on what lies inside."""
        bands = self.sizes.get(circle, ()) if level != circle else ()
        single = rule.base == "facility"
        of_itself = rule.service == CIRCLE and rule.metric in SIZES
        if not bands or of_itself or rule.metric not in IN_THE_UNIT or single:
            return np.zeros(len(units), bool)
        residents = np.rint(units.of_homes(self.facts.homes.residents))
        return np.asarray(~np.any([one.holds(residents) for one in bands], axis=0))

    def _units(self, level: str) -> Units:
        if level not in self.units:
            homes = self.facts.homes
            if level == "all":
                found = whole_study(self.districts, homes, self.facility_district)
            elif level in CIRCLES and self.drawn is not None:
                found = drawn_units(level, self.drawn, len(self.districts), homes, self.facts.facilities.xy)
            else:
                found = units_at(level, self.districts, homes, self.facility_district)
            self.units[level] = found
        return self.units[level]

    def _judged(self, number: int, rule: Rule, asked: Band, units: Units, remarks: Sequence[str]) -> Judged:
        measured = METRICS[rule.metric](rule, self.facts, units)
        exempt = self.facts.answers.exempted(number, units.position)
        if rule.statistic == "mean" and units.parts is not None and measured.kind == "total":
            measured = _averaged(measured, len(units.parts))
        told = self.facts.answers.told(number, units.position)
        whole = self.facts.answers.told(number, np.array([WHOLE_STUDY]))
        told = np.where(np.isnan(told), whole, told)
        least, most = measured.least, measured.most
        decided = asked.certain(least, most) | ~(asked.possible(least, most) | np.isnan(least))
        answered = ~np.isnan(told) & ~decided & ~(least == most)
        measured = replace(
            measured,
            least=np.where(answered, told, least),
            most=np.where(answered, told, most),
            supply=np.where(answered, told * measured.demand / measured.per, measured.supply),
        )
        if rule.metric in WALKED:
            self.within[rule.id] = measured.within
        shares = four_shares(measured.within, self.facts, units)
        return judged_rows(asked, measured, units, self._in_band(rule, units), answered, exempt, remarks)._replace(
            walk_shares=shares
        )

    def _shares(self, rule: Rule, units: Units) -> FloatArray:
        """The shares within the limit over all units, of a rule that was just judged in each."""
        return (
            four_shares(self.within.get(rule.id), self.facts, units.together()) if rule.metric in WALKED else NO_SHARES
        )

    def _in_band(self, rule: Rule, units: Units) -> BoolArray:
        """Whether each unit has the size a rule is for: households of communities, residents of anything else."""
        if rule.least_units <= 0 and np.isinf(rule.most_units):
            return np.ones(len(units), bool)
        homes = self.facts.homes
        size = np.rint(units.of_homes(homes.households if rule.level == "community" else homes.residents))
        return (size >= rule.least_units) & (size <= rule.most_units)


def rule_verdicts(
    facts: Facts,
    rules: Sequence[Rule],
    districts: Districts,
    facility_district: IntArray,
    *,
    circles: Mapping[str, AdministrativeLevel] = CIRCLES,
    conditions: Collection[str] = (),
    drawn: Districts | None = None,
) -> RuleVerdicts:
    """Judge every rule for every unit it is meant for and for the whole study.

    Parameters
    ----------
    facts
        Homes, facilities, walks and answers.
    rules
        As in `Standard.rules`; the positions in the result are theirs.
    districts, facility_district
        The districts, and (f,) the smallest one that holds each facility, -1 for none.
    circles
        Which administrative level stands for the circle of 5, 10 or 15 minutes; named in the reason of each such verdict. What lies inside
        a unit is not judged where it has not the residents of such a circle (`sizes_of`): then there is no data, but the figure is shown.
    conditions
        Conditions (`Rule.applies_when`) the study states to hold. Rules with any other are not applicable.
    drawn
        Circles that the city gave, with `5min`, `10min` or `15min` for their level: the units of that level, whatever `circles` says.

    Returns
    -------
    RuleVerdicts
        By rule, in order: its units in the order of the districts, then the whole study (unit -1). There, a rule for `each` unit is met if
        all units meet it, and has the value of the unit furthest out, as supply the units that meet it and as demand those judged; a rule
        for the `mean` is judged by Σ supply ÷ Σ demand over the units, or by the total ÷ units where it is not a ratio; one for the
        `aggregate` by the total. Rows of units of the latter two show values only.
    """
    judge = Judge(facts, districts, facility_district, circles, conditions, drawn, sizes_of(rules))
    return judge.verdicts(with_circles(rules, facts.services))


def sizes_of(rules: Sequence[Rule]) -> dict[str, list[Band]]:
    """Return the residents a living circle of each level has by the rules themselves (GB 50180-2018 2.0.2 to 2.0.4, table 3.0.4)."""
    sizes: dict[str, list[Band]] = {}
    for rule in rules:
        asked = band(rule)
        if rule.service == CIRCLE and rule.metric == "residents_per_unit" and rule.level in CIRCLES and asked:
            sizes.setdefault(rule.level, []).append(asked)
    return sizes


def with_circles(rules: Sequence[Rule], services: Sequence[ServiceType]) -> list[Rule]:
    """Name the members of rules on "circle" that name none: what the rules ask to be there at that level.

    Only what is asked without condition, and more than advised. Where they ask for nothing, every type laid out for the level is a member.
    Levels add up, and an upper one does not replace a lower one: each circle has its own members only.
    """
    places = {service.id for service in services if service.kind == "facility" and service.privacy != "restricted"}
    asked: dict[str, dict[str, None]] = {}
    for rule in rules:
        if rule.metric in THERE and rule.binding in ASKED and not rule.applies_when and rule.service in places:
            asked.setdefault(rule.level, {})[rule.service] = None
    laid_out = {
        level: tuple(asked.get(level, ()))
        or tuple(type_.id for type_ in services if type_.level == level and type_.id in places)
        for level in {rule.level for rule in rules}
    }
    return [
        replace(rule, members=laid_out[rule.level]) if rule.service == CIRCLE and not rule.members else rule
        for rule in rules
    ]


def services_walked_to(rules: Sequence[Rule], services: Sequence[ServiceType]) -> tuple[BoolArray, BoolArray]:
    """Return which services (s,) rules are judged by in seconds of walking, and which in metres walked: no others need be searched."""
    asked = {True: np.zeros(len(services), bool), False: np.zeros(len(services), bool)}
    for rule in with_circles(rules, services):
        if rule.metric in WALKED:
            wanted = wanted_ids(rule)
            asked[in_metres(rule)] |= np.array([service.id in wanted for service in services], bool)
    return asked[False], asked[True]


def _averaged(total: Measured, units: int) -> Measured:
    """The mean of a total over units."""
    return replace(
        total,
        least=total.least / units,
        most=total.most / units,
        demand=np.full(len(total.least), float(units)),
        kind="ratio",
    )


def _hangs_on_units(rule: Rule) -> bool:
    """Whether a figure over all units changes with how the study is divided: Σ ÷ Σ by head does not, nor does a sum."""
    return rule.metric in UNITS_COUNT or (rule.statistic == "mean" and rule.metric in TOTALS)
