"""Standards and service types: policy written in YAML, read into records with every fault of a file at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault
from livingcircle.model.standard import (
    Citation,
    Group,
    Level,
    Privacy,
    Quality,
    Requirement,
    ServiceSystem,
    ServiceType,
    Standard,
    Words,
    seconds_of,
)
from livingcircle.yaml_text import Location, YamlText, dotted, in_order, needed, read_yaml, validated

BUILT_IN = Path(__file__).resolve().parents[1] / "standards"
SERVICES = "services"
FOLD = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""The space YAML leaves where it joins folded lines; between Chinese characters there is none."""

Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
AmapCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
Verification = Literal[
    "read_in_full",
    "primary_excerpt",
    "secondary_match",
    "single_secondary",
    "news_match",
    "recall_cross_checked",
    "recall_unverified",
]
"""How well a clause was checked, best first."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class _Said(_Entry):
    """Words in both languages; either stands for both."""

    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _either(self) -> _Said:
        if not (self.zh or self.en):
            raise needed("中文 zh 或英文 en，至少写一个", "words: zh, en or both")
        return self

    def words(self) -> Words:
        zh = FOLD.sub("", self.zh)
        return Words(zh=zh or self.en, en=self.en or zh)


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


class _Service(_Entry):
    id: Id
    zh: Text
    en: str = ""
    system: str = ""
    level: Level = "community"
    kind: Literal["facility", "network", "programme"] = "facility"
    group: Group = "all"
    privacy: Privacy = "open"
    osm: tuple[Annotated[dict[str, str], Field(min_length=1)], ...] = ()
    osm_quality: Quality = "fair"
    amap: tuple[AmapCode, ...] = ()
    name: Annotated[str, AfterValidator(_pattern)] = ""
    least_land_m2: Annotated[float, Field(ge=0)] = 0.0

    def record(self) -> ServiceType:
        return ServiceType(
            id=self.id,
            name=Words(zh=self.zh, en=self.en or self.zh),
            osm_tags=self.osm,
            system=self.system,
            level=self.level,
            kind=self.kind,
            group=self.group,
            privacy=self.privacy,
            osm_quality=self.osm_quality,
            amap_codes=self.amap,
            name_pattern=self.name,
            least_land_m2=self.least_land_m2,
        )


class _System(_Entry):
    id: Id
    zh: Text
    en: Text


class _ServicesFile(_Entry):
    systems: tuple[_System, ...]
    amap_types: dict[AmapCode, Text]
    services: Annotated[tuple[_Service, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> _ServicesFile:
        systems = {system.id for system in self.systems}
        loose = {service.system for service in self.services} - systems
        loose |= {code for service in self.services for code in service.amap} - self.amap_types.keys()
        if loose:
            raise needed(
                f"列在 systems、amap_types 中的编号：{loose}", f"declared under systems or amap_types: {loose}"
            )
        return self


class _Citation(_Entry):
    document: str
    clause: str
    quote: str = ""
    verification: Verification


class _Requirement(_Entry):
    id: Id
    service: str
    limit_minutes: Annotated[float, Field(gt=0, strict=True)]
    minimum_share: Share | None = None
    citation: _Citation


class _StandardFile(_Entry):
    id: Id
    title: _Said
    edition: str = ""
    note: _Said | None = None
    minimum_share: Share
    documents: dict[str, str]
    services: tuple[_Service, ...] = ()
    requirements: Annotated[tuple[_Requirement, ...], Field(min_length=1)]

    def record(self, types: Mapping[str, ServiceType]) -> Standard:
        spoken_of = dict.fromkeys(requirement.service for requirement in self.requirements)
        return Standard(
            id=self.id,
            title=self.title.words(),
            edition=self.edition,
            note=Words("", "") if self.note is None else self.note.words(),
            services=tuple(types[service] for service in spoken_of),
            requirements=tuple(
                Requirement(
                    id=entry.id,
                    service=entry.service,
                    limit_seconds=seconds_of(entry.limit_minutes),
                    minimum_share=self.minimum_share if entry.minimum_share is None else entry.minimum_share,
                    citation=Citation(
                        document=entry.citation.document,
                        title=self.documents[entry.citation.document],
                        clause=entry.citation.clause,
                        quote=entry.citation.quote,
                        verification=entry.citation.verification,
                    ),
                )
                for entry in self.requirements
            ),
        )


def builtin_standards() -> tuple[str, ...]:
    """Name the standards that come with the product, in alphabetical order."""
    return tuple(sorted(path.stem for path in BUILT_IN.glob("*.yaml") if path.stem != SERVICES))


def read_services() -> tuple[ServiceType, ...]:
    """Read the built-in service types, in the order of their file.

    Raises
    ------
    SettingsError
        When the file was changed and no longer makes sense.
    """
    return tuple(service.record() for service in _services_file().services)


def read_systems() -> tuple[ServiceSystem, ...]:
    """Read the branches the built-in service types belong to; raises as `read_services`."""
    return tuple(ServiceSystem(one.id, Words(one.zh, one.en)) for one in _services_file().systems)


def read_amap_types() -> Mapping[str, str]:
    """Read what the typecodes of Amap that service types name are called there; raises as `read_services`."""
    return _services_file().amap_types


@cache
def _services_file() -> _ServicesFile:
    text = read_yaml(BUILT_IN / f"{SERVICES}.yaml")
    file, faults = validated(_ServicesFile, text)
    repeated = tuple(_repeated(text, "services", "duplicate_id"))
    if file is None or repeated:
        raise SettingsError(in_order((*faults, *repeated)))
    return file


def standard_path(name_or_path: str, folder: Path | None = None) -> Path:
    """Return the file of a built-in standard or of one of the user's own; see `read_standard`.

    Raises
    ------
    SettingsError
        When it is neither the name of a built-in standard nor the path of a YAML file.
    """
    if name_or_path in builtin_standards():
        path = BUILT_IN / f"{name_or_path}.yaml"
    else:
        path = Path(folder or "", name_or_path)
        if path.suffix.lower() not in {".yaml", ".yml"}:
            known = ", ".join(builtin_standards())
            raise SettingsError(Fault("unknown_standard", value=name_or_path, details={"known": known}))
    return path


def read_standard(name_or_path: str, folder: Path | None = None) -> Standard:
    """Read a built-in standard by its name, or one of the user's own by its path.

    Parameters
    ----------
    name_or_path
        One of `builtin_standards`, or the path of a YAML file. A file may add service types of its own under
        `services`; one with the id of a built-in type takes its place.
    folder
        Where a relative path starts, the study file's folder; the working folder when left out.

    Raises
    ------
    SettingsError
        With every fault of the file, in the order of its lines.
    """
    path = standard_path(name_or_path, folder)
    text = read_yaml(path)
    file, faults = validated(_StandardFile, text)
    types = {service.id: service for service in read_services()}
    across = (
        *_repeated(text, "services", "duplicate_id"),
        *_repeated(text, "requirements", "duplicate_requirement"),
        *_loose_ends(text, known_services=[*types, *_ids(text, "services").values()]),
    )
    if file is None or across:
        raise SettingsError(in_order((*faults, *across)))
    return file.record({**types, **{service.id: service.record() for service in file.services}})


# ── Faults between entries; they are looked for in whatever the file holds, also where single values are wrong ──


def _entries(text: YamlText, section: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    content = text.value((section,))
    for number, entry in enumerate(content if isinstance(content, list) else ()):
        if isinstance(entry, Mapping):
            yield (section, number), entry


def _ids(text: YamlText, section: str) -> dict[Location, str]:
    return {place: entry["id"] for place, entry in _entries(text, section) if isinstance(entry.get("id"), str)}


def _repeated(text: YamlText, section: str, kind: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, name in _ids(text, section).items():
        location = (*place, "id")
        row = text.row(location)
        if name in first:
            column, details = dotted(location), {"first": first[name]}
            yield Fault(kind, file=text.file, row=row, column=column, value=name, details=details)
        else:
            first[name] = row or 0


def _loose_ends(text: YamlText, known_services: list[str]) -> Iterator[Fault]:
    """Find services and documents that requirements name and nobody declares."""
    documents = text.value(("documents",))
    declared = [str(name) for name in documents] if isinstance(documents, Mapping) else []
    for place, entry in _entries(text, "requirements"):
        service = entry.get("service")
        if isinstance(service, str) and service.strip() not in known_services:
            yield _unknown(text, "unknown_service", (*place, "service"), service, known_services)
        document = text.value((*place, "citation", "document"))
        if isinstance(document, str) and document.strip() not in declared:
            yield _unknown(text, "unknown_document", (*place, "citation", "document"), document, declared)


def _unknown(text: YamlText, kind: str, location: Location, value: str, known: list[str]) -> Fault:
    near = difflib.get_close_matches(value, known, n=3, cutoff=0.4)
    details = {"nearest": ", ".join(near) or "—", "known": ", ".join(known) or "—"}
    return Fault(
        kind, file=text.file, row=text.row(location), column=dotted(location), value=value.strip(), details=details
    )
