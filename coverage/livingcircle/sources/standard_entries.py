"""What may be written in files of policy: service types, documents, standards, and the disputes between them."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from livingcircle.model.ages import age_group
from livingcircle.model.rule import Binding, Metric, Operator, Statistic
from livingcircle.model.standard import Group, Level, Privacy, Quality, ServiceType, Verification, Words
from livingcircle.yaml_text import needed

FOLD = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""The space YAML leaves where it joins folded lines; between Chinese characters there is none."""
CIRCLE = "circle"
"""What a rule names as its service that is about the living circle as a whole."""
METRICS: tuple[str, ...] = get_args(Metric)

Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
AmapCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
Number = Annotated[float, Field(strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]
AtLeastNone = Annotated[float, Field(ge=0, strict=True)]
MetricName = Annotated[str, Field(json_schema_extra={"enum": list(METRICS)})]
"""A metric; names that are none are found beside other loose ends, with the nearest ones offered."""


class Entry(BaseModel):
    """Frozen, without unknown keys, documented by the text under each field."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Said(Entry):
    """Words in both languages; either stands for both."""

    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _either(self) -> Said:
        if not (self.zh or self.en):
            raise needed("中文 zh 或英文 en，至少写一个", "words: zh, en or both")
        return self

    def words(self) -> Words:
        """Return both, unfolded."""
        return words_of(self.zh, self.en)


def words_of(zh: str, en: str) -> Words:
    """Return words in both languages, either standing for both, without the spaces that folding leaves in Chinese."""
    unfolded = FOLD.sub("", zh)
    return Words(zh=unfolded or en, en=en or unfolded)


# ── Service types ───────────────────────────────────────────────────────────


def _pattern(text: str) -> str:
    """Check a name pattern; names are searched by an engine that knows no lookarounds, so that a million takes seconds."""
    try:
        re.compile(text)
    except re.error as error:
        raise needed("可用的正则表达式", "a valid regular expression") from error
    if "(?" in text or (text and re.search(text, "")):
        raise needed(
            "不用前后查找、不匹配空文本的正则表达式", "a regular expression without (?…) that does not match nothing"
        )
    return text


def _ages(text: str) -> str:
    """Check whose ages a service is for."""
    if text and age_group(text) is None:
        raise needed("“3-6”“60+”这样的年龄段", "ages such as `3-6` or `60+`")
    return age_group(text) or ""


class ServiceEntry(Entry):
    """A kind of community service and how it is recognised."""

    id: Id
    zh: Text
    en: str = ""
    system: str = ""
    level: Level = "community"
    kind: Literal["facility", "network", "programme"] = "facility"
    group: Group = "all"
    ages: Annotated[str, AfterValidator(_ages)] = ""
    privacy: Privacy = "open"
    osm: tuple[Annotated[dict[str, str], Field(min_length=1)], ...] = ()
    osm_quality: Quality = "fair"
    amap: tuple[AmapCode, ...] = ()
    name: Annotated[str, AfterValidator(_pattern)] = ""
    least_land_m2: AtLeastNone = 0.0

    def record(self) -> ServiceType:
        """Return the service type."""
        return ServiceType(
            id=self.id,
            name=Words(zh=self.zh, en=self.en or self.zh),
            osm_tags=self.osm,
            system=self.system,
            level=self.level,
            kind=self.kind,
            group=self.group,
            ages=self.ages,
            privacy=self.privacy,
            osm_quality=self.osm_quality,
            amap_codes=self.amap,
            name_pattern=self.name,
            least_land_m2=self.least_land_m2,
        )


class SystemEntry(Entry):
    """A branch of community services."""

    id: Id
    zh: Text
    en: Text


class ServicesFile(Entry):
    """The built-in service types."""

    systems: tuple[SystemEntry, ...]
    amap_types: dict[AmapCode, Text]
    services: Annotated[tuple[ServiceEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> ServicesFile:
        systems = {system.id for system in self.systems}
        loose = {service.system for service in self.services} - systems
        loose |= {code for service in self.services for code in service.amap} - self.amap_types.keys()
        if loose:
            raise needed(
                f"列在 systems、amap_types 中的编号：{loose}", f"declared under systems or amap_types: {loose}"
            )
        return self


# ── Rules ───────────────────────────────────────────────────────────────────


class RuleEntry(Entry):
    """One clause, or what is changed of one: a rule with the id of another takes over whatever it does not state itself."""

    id: Id
    document: str | None = None
    """Where it is written: a key of `documents` or the id of a built-in document; this standard itself when left out."""
    clause: str | None = None
    """Number of the clause or table."""
    level: Level | Literal["all"] | None = None
    """What it is written for: an administrative level, a living circle, a block, or all of them (`all`, when left out)."""
    service: str | None = None
    """Id of a service type, or `circle` for the living circle as a whole."""
    metric: MetricName | None = None
    """What is measured."""
    operator: Operator | None = None
    """How the value found must compare with `value`; `between` has `value_max`, too."""
    value: Number | None = None
    """The number asked for, in the unit the metric is named after; shares from 0 to 1."""
    value_max: Number | None = None
    """The upper number of `between`."""
    unit: str | None = None
    """The unit as printed."""
    statistic: Statistic | None = None
    """Whether each unit must pass, their mean, or all together (`each` when left out)."""
    binding: Binding | None = None
    """How strictly it is meant (`mandatory` when left out)."""
    compulsory: bool | None = None
    """Whether it is a compulsory clause of a national standard."""
    measure: Literal["network", "radius"] | None = None
    """`radius` where the text speaks of a service radius: that is computed beside the walk, which decides."""
    base: str | None = None
    """Whom or what shares and figures per head are of, such as `households` or `urban_residents`."""
    minimum_share: Share | None = None
    """Share of residents who must be within a walking limit, where the clause names none (0.9 when left out)."""
    deadline: str | None = None
    """By when, as a date or year."""
    applies_when: str | None = None
    """A condition by name; the rule is judged only where the study says that it holds."""
    least_units: AtLeastNone | None = None
    """Smallest unit it applies to: households of a community, residents of anything else."""
    most_units: AtLeastNone | None = None
    """Largest unit it applies to."""
    members: tuple[str, ...] | None = None
    """Service types a list names, a total is made of, or a site is shared with."""
    within_metres: Positive | None = None
    """Distance within which shares of residents or land are counted, or within which places share a site."""
    within_minutes: Positive | None = None
    """Walk within which shares of residents are counted."""
    whole_city: bool | None = None
    """Whether the clause is about the city as a whole: where the study is only a part of one, its figure is shown and not judged."""
    excluded: tuple[str, ...] | None = None
    """Service types whose places count for another clause, so that sums leave them out: a park counts at one level."""
    quote: str | None = None
    """A few words of the text."""
    verification: Verification | None = None
    """How well it was checked against the text (`recall_unverified` when left out: it shows as not verified)."""
    confidence: Literal["high", "medium", "low"] | None = None
    """How far the number can be relied on."""
    dispute: str | None = None
    """Id of the inconsistency between texts that touches it."""
    zh: str | None = None
    """A note in Chinese."""
    en: str | None = None
    """A note in English."""


class UnlessStated(Entry):
    """What holds for every rule of a file that does not say otherwise."""

    level: Level | Literal["all"] | None = None
    statistic: Statistic | None = None
    binding: Binding | None = None
    verification: Verification | None = None
    confidence: Literal["high", "medium", "low"] | None = None


class DocumentEntry(Entry):
    """A policy text or standard, and how it was read."""

    id: Id
    zh: Text
    en: Text
    issuer: Text
    number: str = ""
    year: int | None = None
    jurisdiction: Text
    status: Literal["in_force", "trial", "draft", "expired", "superseded", "reference", "example"]
    read: Literal["full", "excerpt", "secondary", "news", "recall"]
    note: Said | None = None


class DocumentFile(Entry):
    """One built-in document with all its rules."""

    document: DocumentEntry
    unless_stated: UnlessStated = UnlessStated()
    rules: Annotated[tuple[RuleEntry, ...], Field(min_length=1)]


# ── Standards ───────────────────────────────────────────────────────────────


class CitationEntry(Entry):
    """Where a walking requirement is written."""

    document: str
    clause: str
    quote: str = ""
    verification: Verification


class RequirementEntry(Entry):
    """The short form of the commonest rule: a service within so many minutes of walking."""

    id: Id
    service: str
    limit_minutes: Positive
    minimum_share: Share | None = None
    citation: CitationEntry


class StandardFile(Entry):
    """A standard of one's own."""

    id: Id
    title: Said
    edition: str = ""
    """Date or number that tells editions apart."""
    note: Said | None = None
    """What readers of results must know."""
    extends: str = ""
    """Standard it starts from: the id of a built-in one or of a built-in document, or the path of another file."""
    drop: tuple[str, ...] = ()
    """Ids of rules of that standard that do not hold here."""
    minimum_share: Share | None = None
    """Share of residents who must be within a walking limit; needed where `requirements` are listed."""
    documents: dict[str, str] = {}
    """Titles of the documents that rules and requirements cite, by a key of your choice."""
    services: tuple[ServiceEntry, ...] = ()
    """Service types of one's own; one with the id of a built-in type takes its place."""
    unless_stated: UnlessStated = UnlessStated()
    """What holds for every rule here that does not say otherwise."""
    rules: tuple[RuleEntry, ...] = ()
    """Rules of one's own, and changes to those of the standard it extends."""
    requirements: Annotated[tuple[RequirementEntry, ...], Field(min_length=1)] | None = None
    """Walking limits in short form."""


class ProfileEntry(Entry):
    """A built-in standard: documents that are judged together."""

    zh: Text
    en: Text
    extends: str = ""
    documents: Annotated[tuple[str, ...], Field(min_length=1)]
    replaces: dict[str, str] = {}
    note: Said | None = None


class ProfilesFile(Entry):
    """The built-in standards and the conditions their rules name."""

    standards: dict[Id, ProfileEntry]
    conditions: dict[Id, Said]


class InconsistencyEntry(Entry):
    """Where texts contradict each other or themselves."""

    id: Id
    documents: tuple[str, ...]
    topic: Said
    finding: Said
    treatment: Said


class InconsistenciesFile(Entry):
    """All of them."""

    inconsistencies: tuple[InconsistencyEntry, ...]
