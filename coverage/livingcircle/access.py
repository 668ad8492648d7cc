"""How much there is for people, for whom, and how evenly: what a study asks of it, and the answers in one record."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from livingcircle.kernel.age_walks import age_side, age_walks
from livingcircle.kernel.evenness import equity_table, goods, lorenz_curves
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.provision import choice, service_capacity
from livingcircle.kernel.score import living_circle_score, score_table
from livingcircle.kernel.search import threads_available
from livingcircle.model.access import (
    Access,
    AgeSide,
    AgeWalker,
    CapacityQuestion,
    ChoiceQuestion,
    Decay,
    ScoreWeights,
    Supply,
)
from livingcircle.model.ages import group_named
from livingcircle.model.outcome import Assessment, Reach
from livingcircle.model.standard import seconds_of, service_named
from livingcircle.model.study import Study
from livingcircle.questions import service_ids, services_open, services_there, walk_of
from livingcircle.settings import CapacityTask, DecaySettings, StudySettings

USUAL_SUPPLY: tuple[Supply, ...] = ("capacity", "beds")
"""What is taken for places where the study does not say: the first that is known."""
USUAL_MINUTES = 15.0
"""The limit where neither the study nor the standard gives one."""


def access_of(study: Study, settings: StudySettings, assessment: Assessment) -> Access:
    """Set places beside those who need them, score the living circle, and measure how evenly all of it is spread."""
    walk, threads, reach = walk_of(study), threads_available(), assessment.reach
    found = score_and_capacity(study, settings, reach, walk)
    score, capacity = found.score, found.capacity
    spread = goods(reach, study.homes, score, capacity)
    return replace(
        found,
        choice=tuple(choice(study, walk, asked, threads=threads) for asked in choice_asked(study, settings)),
        equity=equity_table(spread, study.homes, study.districts, ranked_by(study, settings)),
        lorenz=lorenz_curves(spread),
        ages=age_walks(study, reach, age_walkers(study, settings), threads=threads),
    )


def score_and_capacity(study: Study, settings: StudySettings, reach: Reach, walk: Impedance) -> Access:
    """Score the living circle and set places beside those who need them, for people who walk `walk`; all else stays empty."""
    score = living_circle_score(
        reach.seconds,
        study.standard.requirements,
        service_ids(study),
        services_there(study) & services_open(study),  # a score of a home would tell of the others by what it lacks
        score_weights(study, settings),
        decay_of(settings.score.decay),
        settings.score.range_limits,
    )
    threads, asked = threads_available(), capacity_asked(study, settings)
    return Access(
        capacity=tuple(service_capacity(study, walk, one, threads=threads) for one in asked),
        score=score,
        scores=None if score is None else score_table(score, study.homes, study.districts.parent),
    )


def capacity_asked(study: Study, settings: StudySettings) -> tuple[CapacityQuestion, ...]:
    """Return for which services places are set beside demand: those the study names, else all of which any capacity is known."""
    tasks = settings.capacity or tuple(
        CapacityTask(service=service.id)
        for position, service in enumerate(study.standard.services)
        if any(_known(study, position, supply) for supply in USUAL_SUPPLY)
    )
    return tuple(_capacity_question(study, task) for task in tasks)


def choice_asked(study: Study, settings: StudySettings) -> tuple[ChoiceQuestion, ...]:
    """Return for which services people's choice is asked."""
    found = []
    for task in settings.choice:
        service = _position(study, task.service)
        found.append(ChoiceQuestion(service, _limit(study, service, task.limit_minutes), task.nearest))
    return tuple(found)


def score_weights(study: Study, settings: StudySettings) -> ScoreWeights:
    """Return the weights of the score, those of services by id."""
    score = settings.score
    by_id = {study.standard.services[_position(study, name)].id: weight for name, weight in score.services.items()}
    return ScoreWeights(score.reached, score.closeness, score.weakest, by_id)


def decay_of(settings: DecaySettings) -> Decay:
    """Return a decay as the kernel works with it."""
    return Decay(settings.kind, settings.bands)


def age_walkers(study: Study, settings: StudySettings) -> tuple[AgeWalker, ...]:
    """Return how fast every age group of the homes walks; without any, everybody at the speed of each side."""
    equity, groups = settings.equity, study.homes.age_groups
    speeds = equity.speeds_metres_per_second.model_dump()
    sides = [age_side(group, equity.elderly_from, equity.children_to) for group in groups]
    if not groups:
        return tuple(AgeWalker("", side, speeds[side]) for side in get_args(AgeSide))
    return tuple(AgeWalker(group, side, speeds[side]) for group, side in zip(groups, sides, strict=True))


def ranked_by(study: Study, settings: StudySettings) -> str:
    """Return the age group by whose share homes are ranked: the one asked for, else the largest elderly one, "" where there is none."""
    return settings.equity.rank_by or _largest(study, settings, "elderly")


def _capacity_question(study: Study, task: CapacityTask) -> CapacityQuestion:
    service = _position(study, task.service)
    known = [supply for supply in USUAL_SUPPLY if _known(study, service, supply)]
    meant = study.standard.services[service].ages
    return CapacityQuestion(
        service=service,
        limit_seconds=_limit(study, service, task.limit_minutes),
        supply_of=task.supply or (known[0] if known else "capacity"),
        demand_of=task.demand or group_named(meant, study.homes.age_groups) or meant or "residents",
        per_person=task.per_person,
        decay=decay_of(task.decay),
    )


def _known(study: Study, service: int, supply: str) -> bool:
    return bool(np.isfinite(getattr(study.facilities, supply)[study.facilities.serves[:, service]]).any())


def _largest(study: Study, settings: StudySettings, side: str) -> str:
    equity, homes = settings.equity, study.homes
    of_side = [
        position
        for position, group in enumerate(homes.age_groups)
        if age_side(group, equity.elderly_from, equity.children_to) == side
    ]
    people = homes.residents_by_age.sum(axis=0)
    return homes.age_groups[max(of_side, key=lambda position: people[position])] if of_side else ""


def _position(study: Study, name: str) -> int:
    found = service_named(name, study.standard.services)
    return service_ids(study).index(name if found is None else found.id)


def _limit(study: Study, service: int, minutes: float | None) -> float:
    """Return the limit asked for, else the shortest of the standard, else that of a quarter-hour circle."""
    if minutes is not None:
        return seconds_of(minutes)
    of_standard = [
        rule.limit_seconds for rule in study.standard.requirements if rule.service == service_ids(study)[service]
    ]
    return min(of_standard, default=seconds_of(USUAL_MINUTES))
