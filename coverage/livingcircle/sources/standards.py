"""Standards: those that come with the product, and those of users, read with every fault of a file at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault
from livingcircle.model.rule import Rule
from livingcircle.model.standard import ServiceType, Standard, Words
from livingcircle.sources.standard_entries import StandardFile
from livingcircle.sources.standard_faults import Known, contradictions, faults_between, missing_parts
from livingcircle.sources.standard_library import (
    BUILT_IN,
    SHORT_EDITION,
    document_ids,
    document_path,
    profile_documents,
    profile_rules,
    read_amap_types,
    read_conditions,
    read_document,
    read_inconsistencies,
    read_profiles,
    read_services,
    read_systems,
)
from livingcircle.sources.standard_rules import requirements_of, rule_from, rule_of_requirement, services_of
from livingcircle.yaml_text import YamlText, in_order, read_yaml, validated

__all__ = [
    "BUILT_IN",
    "builtin_standards",
    "document_ids",
    "read_amap_types",
    "read_conditions",
    "read_document",
    "read_inconsistencies",
    "read_profiles",
    "read_services",
    "read_standard",
    "read_systems",
    "standard_files",
    "standard_path",
    "standard_schema",
]


def builtin_standards() -> tuple[str, ...]:
    """Name the standards that come with the product: the short edition, then those made of documents, in the order of their file."""
    return (SHORT_EDITION, *read_profiles())


def standard_path(name_or_path: str, folder: Path | None = None) -> Path:
    """Return the file a standard is written in; of a built-in one that is made of several documents, the first.

    Raises
    ------
    SettingsError
        When it is neither the name of a built-in standard or document nor the path of a YAML file.
    """
    return standard_files(name_or_path, folder)[0]


def standard_files(name_or_path: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Return all files a standard is written in, its own first, then those of what it extends; raises as `standard_path`.

    What a file of one's own extends is followed as far as it can be read; reading it tells what is wrong.
    """
    found: dict[Path, None] = {}
    waiting = [(name_or_path, folder)]
    while waiting:
        name, base = waiting.pop()
        path = _own_path(name, base)
        if path is None:
            profile = read_profiles().get(name)
            documents = (name.upper(),) if profile is None else profile_documents(profile)
            found |= dict.fromkeys(document_path(document) for document in documents)
        elif path not in found:
            found[path] = None
            with suppress(SettingsError):
                parent = read_yaml(path).value(("extends",))
                if isinstance(parent, str) and parent.strip():
                    _own_path(parent.strip(), path.parent)  # raises where there is no such standard
                    waiting.append((parent.strip(), path.parent))
    return tuple(found)


def _own_path(name_or_path: str, folder: Path | None) -> Path | None:
    """Return the file of a standard that is written in one; None where it is made of built-in documents."""
    if name_or_path == SHORT_EDITION:
        return BUILT_IN / f"{SHORT_EDITION}.yaml"
    if name_or_path in read_profiles() or name_or_path.upper() in document_ids():
        return None
    path = Path(folder or "", name_or_path)
    if path.suffix.lower() not in {".yaml", ".yml"}:
        known = ", ".join([*builtin_standards(), *document_ids()])
        raise SettingsError(Fault("unknown_standard", value=name_or_path, details={"known": known}))
    return path


def read_standard(name_or_path: str, folder: Path | None = None, conditions: Collection[str] = ()) -> Standard:
    """Read a built-in standard by its name, a built-in document by its id, or a standard of the user's own by its path.

    Parameters
    ----------
    name_or_path
        One of `builtin_standards` or `document_ids`, or the path of a YAML file. A file may extend any of these and change, drop and
        add rules. It may add service types of its own under `services`; one with the id of a built-in type takes its place.
    folder
        Where a relative path starts, the study file's folder; the working folder when left out.
    conditions
        Which conditions of clauses hold: walking limits under any other are not among the requirements.

    Raises
    ------
    SettingsError
        With every fault of the file, in the order of its lines.
    """
    draft = _draft(name_or_path, folder, ())
    rules = tuple(draft.rules.values())
    documents = {rule.citation.document for rule in rules}
    return Standard(
        id=draft.id,
        title=draft.title,
        edition=draft.edition,
        note=draft.note,
        services=services_of(rules, draft.types),
        requirements=requirements_of(rules, draft.types, conditions),
        rules=rules,
        inconsistencies=tuple(one for one in read_inconsistencies() if documents.intersection(one.documents)),
        systems=read_systems(),
    )


def standard_schema() -> str:
    """Return the JSON schema of standards of one's own, as committed in `configs/standard.schema.json`."""
    return json.dumps(StandardFile.model_json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A standard while others may still change it: rules and service types by id; made of documents, they are its edition."""

    id: str
    title: Words
    edition: str
    note: Words
    rules: Mapping[str, Rule]
    types: Mapping[str, ServiceType]


def _draft(name_or_path: str, folder: Path | None, chain: tuple[Path, ...]) -> _Draft:
    path = _own_path(name_or_path, folder)
    if path is None:
        return _builtin(name_or_path)
    text = read_yaml(path)
    file, faults = validated(StandardFile, text)
    parent, upward = _parent(text, path, chain)
    known = Known(
        services=list(parent.types),
        documents=document_ids(),
        parent=parent.rules,
        extends=bool(text.value(("extends",))) and not upward,
    )
    across = [*missing_parts(text), *upward, *faults_between(text, known)]
    if file is None or across:
        raise SettingsError(in_order((*faults, *across)))
    draft = _extended(file, parent)
    against = tuple(contradictions(text, draft.rules))
    if against:
        raise SettingsError(in_order(against))
    return draft


def _builtin(name: str) -> _Draft:
    types = {service.id: service for service in read_services()}
    profile = read_profiles().get(name)
    if profile is None:
        document, rules = read_document(name.upper())
        return _Draft(document.id, document.title, str(document.year or ""), document.note, rules, types)
    documents = " + ".join(profile_documents(profile))
    return _Draft(name, profile.name, documents, profile.note, profile_rules(profile), types)


def _parent(text: YamlText, path: Path, chain: tuple[Path, ...]) -> tuple[_Draft, list[Fault]]:
    """Return what a file extends, an empty standard where it extends none, and what is wrong with that, told at its line."""
    nothing = _Draft("", Words("", ""), "", Words("", ""), {}, {service.id: service for service in read_services()})
    name = text.value(("extends",))
    if not isinstance(name, str) or not name.strip():
        return nothing, []
    here = path.resolve()
    place = {"file": text.file, "row": text.row(("extends",)), "column": "extends", "value": name.strip()}
    if here in chain:
        said = " → ".join(each.name for each in (*chain[chain.index(here) :], here))
        return nothing, [Fault("standard_cycle", **place, details={"chain": said})]  # type: ignore[arg-type]
    try:
        return _draft(name.strip(), path.parent, (*chain, here)), []
    except SettingsError as error:
        return nothing, [
            replace(fault, file=text.file, row=text.row(("extends",)), column="extends")
            if fault.kind == "unknown_standard"
            else fault
            for fault in error.faults
        ]


def _extended(file: StandardFile, parent: _Draft) -> _Draft:
    """Return a standard of one's own: its parent's rules, less those dropped, with its own in the place of those they change."""
    own_title = file.title.words()
    rules = {name: rule for name, rule in parent.rules.items() if name not in file.drop}
    titles = {**{name: name for name in document_ids()}, **file.documents}
    for entry in file.rules:
        document = file.id if entry.document is None else entry.document
        title = own_title.zh if entry.document is None else titles[entry.document]
        if entry.document in document_ids() and entry.document not in file.documents:
            title = read_document(entry.document)[0].title.zh
        rules[entry.id] = rule_from(entry, rules.get(entry.id), file.unless_stated, document, title)
    for short in file.requirements or ():
        share = file.minimum_share or 0.0
        rules[short.id] = rule_of_requirement(short, share, file.documents[short.citation.document])
    return _Draft(
        id=file.id,
        title=own_title,
        edition=file.edition,
        note=parent.note if file.note is None else file.note.words(),
        rules=rules,
        types={**parent.types, **{service.id: service.record() for service in file.services}},
    )
