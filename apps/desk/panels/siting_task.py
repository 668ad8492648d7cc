"""A siting task of the study as the form of the panel states it, and what it states beyond the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desk.view import View
from livingcircle.questions import service_ids, service_position
from livingcircle.render.words import say_code, shown_ages, shown_count, shown_limit, shown_share
from livingcircle.settings import SitingTask

AIMS = (
    *("most_covered", "target", "close_unmet", "best_worst_share", "least_walk", "shortest_worst_walk", "most_served"),
    "ranking",
)
ONE_SERVICE = frozenset({"least_walk", "shortest_worst_walk", "most_served"})
WITH_SITES = frozenset({"most_covered", "best_worst_share", *ONE_SERVICE})
WITH_FLOOR = frozenset({"most_covered", "target"})
WITH_FRONTIER = frozenset({"most_covered", "best_worst_share", "least_walk"})
MOST_SITES, MOST_SECONDS = 500, 600.0
Form = dict[str, Any]


def empty_form(service: str) -> Form:
    """Return what the form says before anybody wrote in it.

    `placed` are candidates placed on the map, by id: name and place; what each costs (万元) and its floor area (m²) are 0 while unknown.
    """
    return {
        "task": -1, "services": [service] if service else [], "aim": AIMS[0], "sites": 2, "budget": 0.0, "target": 90.0, "floor": 0.0,
        "limit": 0.0, "seconds": 10.0, "capacity": 0.0, "capacity_of_existing": 0.0, "frontier": False, "required": set(),
        "forbidden": set(), "placed": {}, "placed_cost": 0.0, "placed_floor": 0.0, "of": None, "details": {}, "beyond": {},
    }  # fmt: skip


def first_task(view: View) -> int:
    """Return the task of the study to begin with: the first on the service looked at, the first of all where none is; -1 for none."""
    for number, task in enumerate(view.answers.settings.siting):
        if not view.service or [view.service] == _services(view, task):
            return number
    return -1


def form_of(view: View, number: int) -> Form:
    """Return a task of the study as the form says it.

    `details` are what it asks of each service, `beyond` what the form has no field for; both hold as long as services and aim are those of
    the task (`of`).
    """
    task = view.answers.settings.siting[number]
    asked = task.model_dump(mode="json", exclude_defaults=True)
    services, aim = _services(view, task), _aim(task)
    details = {
        service: {key: value for key, value in one.items() if key != "service"}
        for service, one in zip(services, asked.get("services", ()), strict=False)
    }
    beyond = {key: value for key, value in asked.items() if key not in _fields(view, aim)}
    return empty_form("") | {
        "task": number,
        "services": services,
        "aim": aim,
        "sites": min(task.sites or 0, MOST_SITES),
        "budget": float(task.budget_wan_yuan or 0),
        "target": 100.0 * (task.target_share or 0.9),
        "floor": 100.0 * (task.floor_share or 0),
        "limit": float(task.limit_minutes or 0),
        "seconds": min(max(float(task.time_limit_seconds), 1.0), MOST_SECONDS),
        "capacity": float(task.capacity or 0),
        "capacity_of_existing": float(task.capacity_of_existing or 0),
        "frontier": task.frontier is not None,
        "required": set(task.required),
        "forbidden": set(task.forbidden),
        "of": (services, aim),
        "details": details,
        "beyond": beyond,
    }


def asked_of(form: Form) -> dict[str, Any]:
    """Return a form as a study file writes a siting task; what it leaves open is left out."""
    aim, services = form["aim"], list(form["services"])
    details, beyond = kept(form)
    asked: dict[str, Any] = {}
    if len(services) == 1 and not details.get(services[0]):
        asked["service"] = services[0]
    elif services:
        asked["services"] = [{"service": one, **details.get(one, {})} for one in services]
    if aim in {"close_unmet", "ranking"}:
        asked[aim] = True
    elif aim == "target":
        asked["target_share"] = form["target"] / 100
    elif aim != "most_covered":
        asked["model"] = aim
    if aim in WITH_SITES and form["sites"]:
        asked["sites"] = int(form["sites"])
    if aim in WITH_SITES and form["budget"]:
        asked["budget_wan_yuan"] = form["budget"]
    if aim != "close_unmet" and form["limit"]:
        asked["limit_minutes"] = form["limit"]
    if aim in WITH_FLOOR and form["floor"]:
        asked["floor_share"] = form["floor"] / 100
    if aim == "most_served":
        asked |= {key: form[key] for key in ("capacity", "capacity_of_existing") if form[key]}
    asked |= {key: sorted(form[key]) for key in ("required", "forbidden") if form[key]}
    asked["time_limit_seconds"] = form["seconds"]
    if form["frontier"] and aim in WITH_FRONTIER:
        asked["frontier"] = {"by": "sites" if form["sites"] else "money"}
    untick = {"frontier"} if aim in WITH_FRONTIER and not form["frontier"] else set()
    return asked | {key: value for key, value in beyond.items() if key not in untick}


def kept(form: Form) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, Any]]:
    """Return what the task asks of each service and beyond the form; nothing once it is another task."""
    if form.get("of") != (list(form["services"]), form["aim"]):
        return {}, {}
    return form["details"], form["beyond"]


def kept_said(view: View, form: Form) -> str:
    """Say what holds beside what the form shows."""
    details, beyond = kept(form)
    parts = []
    for service, one in details.items():
        if said := view.say("between").join(_said(view, one)):
            parts.append(view.say("task_of_service", service=view.services[service], text=said))
    parts += _said(view, beyond)
    return view.say("task_kept", text=view.say("listed").join(parts)) if parts else ""


def task_name(view: View, number: int) -> str:
    """Return what a task of the study is called: its name, else its services and aim."""
    task = view.answers.settings.siting[number]
    if task.name:
        name = task.name
        own = name if isinstance(name, str) else name.zh or name.en if view.language == "zh" else name.en or name.zh
        return str(own)
    services = view.say("between").join(view.services[service] for service in _services(view, task))
    return view.say("listed").join(part for part in (services, view.say(f"aim_{_aim(task)}")) if part)


def _said(view: View, asked: Mapping[str, Any]) -> Iterator[str]:
    """Say the keys of a task, or of one of its services, one by one; a name goes without saying."""
    for key, value in asked.items():
        if key == "tiers":
            limits = ((shown_limit(one["minutes"], None, view.language), one["weight"]) for one in value)
            tiers = (f"{limit} {shown_share(weight)}" for limit, weight in limits)
            yield view.say("task_tiers", text=view.say("between").join(tiers))
        elif key == "years":
            yield view.say("task_years", text=view.say("between").join(str(one["year"]) for one in value))
        elif key in {"group", "floor_level"}:
            said = (
                shown_ages(value, view.language) if key == "group" else say_code("district_level", value, view.language)
            )
            yield view.say(f"task_{key}", text=said)
        elif key in {"floor_share", "gap"}:
            yield view.say(f"task_{key}", text=shown_share(value))
        elif key == "model":
            yield say_code("model", value, view.language)
        elif key not in {"name", "frontier"}:
            yield view.say(f"task_{key}", amount=f"{value:g}" if key == "limit_minutes" else shown_count(value))


def _services(view: View, task: SitingTask) -> list[str]:
    study = view.answers.results.study
    ids = service_ids(study)
    return [ids[service_position(study, one.service)] for one in task.asked]


def _aim(task: SitingTask) -> str:
    if task.close_unmet or task.ranking:
        return "close_unmet" if task.close_unmet else "ranking"
    if task.target_share is not None:
        return "target"
    return task.model if task.model in AIMS else AIMS[0]


def _fields(view: View, aim: str) -> set[str]:
    """Return the keys of a task that the form shows for an aim."""
    shown = {
        "service",
        "services",
        "close_unmet",
        "ranking",
        "target_share",
        "required",
        "forbidden",
        "time_limit_seconds",
    }
    shown |= {"model"} if aim != "target" else set()
    shown |= {"limit_minutes"} if aim != "close_unmet" else set()
    shown |= {"sites", "budget_wan_yuan"} if aim in WITH_SITES else set()
    shown |= {"floor_share"} if aim in WITH_FLOOR and view.districts else set()
    return shown | ({"capacity", "capacity_of_existing"} if aim == "most_served" else set())
