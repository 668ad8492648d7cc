"""Which sites are sought, for what, within which limits."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from livingcircle.model.siting_model import AskedModel
from livingcircle.settings.base import Number, Positive, Settings, Title
from livingcircle.yaml_text import needed, needed_key

Count = Annotated[int, Field(gt=0, le=100_000, strict=True)]
Share = Annotated[Number, Field(gt=0, le=1)]
NotNegative = Annotated[Number, Field(ge=0)]
WALKED = frozenset({"least_walk", "shortest_worst_walk", "most_served"})
"""Models that send everybody to one place, where the others only ask whether any place is within the limit."""


class SitedService(Settings):
    """One of several services that are sought together (一室多用、1+N)."""

    service: str
    """Service type."""
    limit_minutes: Positive | None = None
    """Its walking limit; that of the task, else of the standard when left out."""
    sites: Count | None = None
    """At most so many new places of it."""
    floor_m2: Positive | None = None
    """Floor area one place of it needs (m²): services share a building as far as its area goes. When left out it fits in anywhere, or,
    where a clause asks for floor area, takes all of the building."""
    cost_wan_yuan: NotNegative = 0
    """What fitting out one place of it costs (万元), beside what the building or plot itself costs, which is paid once."""
    group: str = ""
    """Whose needs count: `residents`, or an age group of the homes such as `60+`; the task's when left out."""


class SitingTier(Settings):
    """What it is worth to be within so many minutes."""

    minutes: Positive
    """Walking limit."""
    weight: Annotated[Number, Field(gt=0, le=1)]
    """Worth of a resident within it, 0 to 1; a longer walk is worth no more than a shorter one."""


class SitingYear(Settings):
    """One year of a plan in phases; what was built in earlier years stays."""

    year: Annotated[int, Field(ge=1949, le=2200, strict=True)]
    """The year."""
    sites: Count | None = None
    """At most so many new sites in it."""
    budget_wan_yuan: Positive | None = None
    """At most so much money in it (万元)."""


class SitingFrontier(Settings):
    """What more or less would do: plans none of which is better in every respect than another (投入与效果)."""

    by: Literal["sites", "money"] = "sites"
    """What is put in: number of new sites, or money (万元)."""
    most: Positive | None = None
    """Up to how many sites, or how much money; twice what the task asks for when left out."""
    points: Annotated[int, Field(ge=2, le=60, strict=True)] = 15
    """At most so many plans are sought. Those that another one equals or betters in every respect are left out."""
    time_limit_seconds: Positive = 30
    """How long for all of them together."""


class SitingTask(Settings):
    """One question for new sites; existing facilities are always kept and counted unless `most_closed` lets some be closed."""

    name: Title | str = ""
    """What the plan is called, in both languages (`zh`, `en`) or as one text for both; made from its service and aim when left out."""
    service: str | None = None
    """Service type sought; for several together state `services`."""
    services: tuple[SitedService, ...] = ()
    """Several service types that may share a building, each with limits of its own. With `close_unmet` all services of the standard when
    neither is stated."""
    model: AskedModel | None = None
    """What the plan is to be best at. `most_covered`: most residents within the limit (the usual one with `sites`, `budget_wan_yuan` or
    `years`); `least_cost` and `fewest_sites`: least money or fewest sites that reach the shares asked for (the usual ones with
    `target_share`); `best_worst_share`: the highest share in the unit that fares worst; `least_walk`: the shortest walk on average
    (p-median); `shortest_worst_walk`: the shortest longest walk (p-center); `most_served`: most people served within capacities."""
    sites: Count | None = None
    """At most so many new sites. A building that holds several services is one site."""
    budget_wan_yuan: Positive | None = None
    """At most so much money in all (万元)."""
    target_share: Share | None = None
    """This share of residents is to be within the limit (0.95 for 95 %), of every service, at the least cost or with the fewest sites."""
    close_unmet: Annotated[bool, Field(strict=True)] = False
    """Whether every clause of the standard that is unmet (不达标) and that new places can bring to be met is to be closed, at the least
    cost: walking limits, floor area, presence and number of places. Clauses that no candidate can close are told, and left."""
    ranking: Annotated[bool, Field(strict=True)] = False
    """Whether all candidates are listed in the order of what each adds to those before it, as a long list to choose from."""
    limit_minutes: Positive | None = None
    """Walking limit; that of the standard when left out."""
    group: str = ""
    """Whose needs count: `residents`, or an age group of the homes such as `60+`. When left out, the age group the service is for where the
    homes tell its size, else all residents."""
    floor_share: Share | None = None
    """Every unit is to have at least this share of its residents within the limit (0.8 for 80 %)."""
    floor_level: Literal["community", "subdistrict", "county", "prefecture", "province"] | None = None
    """Of which level those units are; the smallest districts of the study when left out."""
    least_metres_apart: Positive | None = None
    """Two new sites lie at least so far apart, in a straight line (metres)."""
    backup: Annotated[int, Field(ge=1, le=5, strict=True)] = 1
    """From how many places a resident has to be within the limit to count: 2 for cover that holds when one place fails."""
    tiers: Annotated[tuple[SitingTier, ...], Field(max_length=6)] = ()
    """Walks of several lengths and what each is worth, e.g. 5 minutes 1, 10 minutes 0.6, 15 minutes 0.3; in place of `limit_minutes`."""
    years: Annotated[tuple[SitingYear, ...], Field(max_length=20)] = ()
    """Years the plan is carried out in, with sites or money of each. Residents count for every year they are covered in."""
    most_closed: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    """At most so many existing facilities may be closed or moved."""
    required: tuple[str, ...] = ()
    """Ids of candidates that are built whatever else is."""
    forbidden: tuple[str, ...] = ()
    """Ids of candidates that are not to be built."""
    capacity: Positive | None = None
    """How many people one new place serves, where the candidate's own capacity is not known; for `most_served`."""
    capacity_of_existing: Positive | None = None
    """The same of existing facilities whose capacity is not known."""
    frontier: SitingFrontier | None = None
    """Whether it is also shown what more or less money or sites would do, and to whom; not when left out."""
    time_limit_seconds: Positive = 10
    """How long an optimal plan is sought; the best one found and its proven gap are returned."""
    gap: Annotated[Number, Field(ge=0, lt=1)] = 0
    """How far from the best possible a plan may be for the search to stop (0.01 for 1 %)."""

    @property
    def asked(self) -> tuple[SitedService, ...]:
        """Return the services with the task's own limits filled in; none where a standard's unmet clauses say which."""
        if self.service is not None:
            return (SitedService(service=self.service, limit_minutes=self.limit_minutes, group=self.group),)
        return tuple(
            one.model_copy(
                update={"limit_minutes": one.limit_minutes or self.limit_minutes, "group": one.group or self.group}
            )
            for one in self.services
        )

    @field_validator("services")
    @classmethod
    def _not_both(cls, given: tuple[SitedService, ...], info: ValidationInfo) -> tuple[SitedService, ...]:
        if given and info.data.get("service") is not None:
            raise needed(
                "服务类型之一种写法：单项用 service，多项用 services",
                "left out where service is stated: service for one, services for several",
            )
        if len({one.service for one in given}) < len(given):
            raise needed("互不相同的服务类型", "services that each occur once")
        return given

    @field_validator("target_share")
    @classmethod
    def _target_or_means(cls, given: float | None, info: ValidationInfo) -> float | None:
        if given is not None and any(info.data.get(key) is not None for key in ("sites", "budget_wan_yuan")):
            raise needed(
                "单独写明的目标：target_share 求最少处数或最省费用，不与 sites、budget_wan_yuan 同用",
                "alone: target_share asks for the fewest sites or the least cost, so sites and budget_wan_yuan are left out",
            )
        return given

    @field_validator("close_unmet", "ranking")
    @classmethod
    def _one_aim(cls, given: Literal[True, False], info: ValidationInfo) -> Literal[True, False]:
        others = [key for key in ("model", "target_share", "close_unmet") if info.data.get(key)]
        if given and others:
            raise needed(f"false，或不写 {'、'.join(others)}", f"false, or {', '.join(others)} left out")
        if given and info.field_name == "close_unmet" and info.data.get("sites") is not None:
            raise needed(
                "false，或不写 sites：补齐短板需要几处就是几处",
                "false, or sites left out: it takes as many as it takes",
            )
        return given

    @field_validator("tiers")
    @classmethod
    def _falling(cls, given: tuple[SitingTier, ...], info: ValidationInfo) -> tuple[SitingTier, ...]:
        minutes, weights = [tier.minutes for tier in given], [tier.weight for tier in given]
        if minutes != sorted(set(minutes)) or weights != sorted(weights, reverse=True):
            raise needed("由短到长、权重由大到小的各档", "tiers from short to long, with weights that do not grow")
        if given and info.data.get("limit_minutes") is not None:
            raise needed("与 limit_minutes 二者取一", "left out where limit_minutes is stated, or the other way round")
        return given

    @field_validator("years")
    @classmethod
    def _in_order(cls, given: tuple[SitingYear, ...], info: ValidationInfo) -> tuple[SitingYear, ...]:
        numbers = [one.year for one in given]
        if numbers != sorted(set(numbers)):
            raise needed("由早到晚、互不相同的年份", "years in order, each once")
        if given and (info.data.get("model") or "most_covered") != "most_covered":
            raise needed("只与 model: most_covered 同用", "used with model: most_covered only")
        if any(one.sites is None and one.budget_wan_yuan is None for one in given):
            raise needed("每年写明 sites 或 budget_wan_yuan", "years that each state sites or budget_wan_yuan")
        return given

    @field_validator("forbidden")
    @classmethod
    def _not_required(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        both = sorted(set(given) & set(info.data.get("required") or ()))
        if both:
            raise needed(
                f"不在 required 中的候选点；{'、'.join(both)} 两处都有",
                f"candidates not in required; {', '.join(both)} are in both",
            )
        return given

    @model_validator(mode="after")
    def _says_what_is_sought(self) -> Self:
        if self.service is None and not self.services and not self.close_unmet:
            raise needed_key("service")
        free = self.close_unmet or self.ranking or self.target_share is not None or self.years
        if not free and self.sites is None and self.budget_wan_yuan is None:
            if self.model in {"least_cost", "fewest_sites"}:
                if self.floor_share is None:
                    raise needed_key("target_share")
            else:
                raise needed_key("sites")
        if self.model in WALKED:
            if len(self.services) > 1:
                raise needed(
                    f"单项服务：model: {self.model} 只适用于 service",
                    f"about one service: model: {self.model} takes service",
                )
            refused = [
                key
                for key in ("target_share", "floor_share", "least_metres_apart", "tiers", "years", "most_closed")
                if getattr(self, key)
            ] + (["backup"] if self.backup > 1 else [])
            if refused:
                raise needed(
                    f"不含 {'、'.join(refused)} 的任务：model: {self.model} 不考虑这些条件",
                    f"without {', '.join(refused)}, which model: {self.model} does not know",
                )
        if self.model == "best_worst_share" and self.floor_share is not None:
            raise needed("不含 floor_share 的任务", "without floor_share: the worst share is what is made best")
        return self
