"""What comes with the product: service types, documents, the standards made of them, and the disputes between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from livingcircle.errors import SettingsError
from livingcircle.model.rule import Document, Inconsistency, Profile, Rule
from livingcircle.model.standard import ServiceSystem, ServiceType, Words
from livingcircle.sources.standard_entries import (
    DocumentEntry,
    DocumentFile,
    InconsistenciesFile,
    ProfileEntry,
    ProfilesFile,
    Said,
    ServicesFile,
)
from livingcircle.sources.standard_faults import Known, faults_between, repeated
from livingcircle.sources.standard_rules import rule_from
from livingcircle.yaml_text import in_order, read_yaml, validated

BUILT_IN = Path(__file__).resolve().parents[1] / "standards"
DOCUMENTS = BUILT_IN / "documents"
SHORT_EDITION = "quarter_hour"
"""The one built-in standard that is written as a user's own would be."""


# ── Service types ───────────────────────────────────────────────────────────


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
def _services_file() -> ServicesFile:
    text = read_yaml(BUILT_IN / "services.yaml")
    file, faults = validated(ServicesFile, text)
    twice = tuple(repeated(text, ("services",), "duplicate_id"))
    if file is None or twice:
        raise SettingsError(in_order((*faults, *twice)))
    return file


# ── Documents and their rules ───────────────────────────────────────────────


def document_ids() -> tuple[str, ...]:
    """Name the built-in documents, in alphabetical order, as they are cited."""
    return tuple(sorted(path.stem.upper() for path in DOCUMENTS.glob("*.yaml")))


def document_path(document: str) -> Path:
    """Return the file of a built-in document."""
    return DOCUMENTS / f"{document.lower()}.yaml"


@cache
def read_document(document: str) -> tuple[Document, Mapping[str, Rule]]:
    """Read one built-in document and its rules, by id, in the order of its chapters; raises as `read_services`."""
    text = read_yaml(document_path(document))
    file, faults = validated(DocumentFile, text)
    across = tuple(faults_between(text, Known([service.id for service in read_services()])))
    if file is None or across:
        raise SettingsError(in_order((*faults, *across)))
    record, stated = _document(file.document), file.unless_stated
    rules = {entry.id: rule_from(entry, None, stated, record.id, record.title.zh) for entry in file.rules}
    return record, MappingProxyType(rules)


def _document(entry: DocumentEntry) -> Document:
    return Document(
        id=entry.id,
        title=Words(entry.zh, entry.en),
        issuer=entry.issuer,
        number=entry.number,
        year=entry.year,
        jurisdiction=entry.jurisdiction,
        status=entry.status,
        read=entry.read,
        note=_said(entry.note),
    )


# ── Standards made of them ──────────────────────────────────────────────────


def read_profiles() -> Mapping[str, Profile]:
    """Read the built-in standards that are made of documents, in the order of their file; raises as `read_services`."""
    return {name: _profile(name, entry) for name, entry in _profiles_file().standards.items()}


def read_conditions() -> Mapping[str, Words]:
    """Read what the conditions are called that built-in rules name; raises as `read_services`."""
    return {name: said.words() for name, said in _profiles_file().conditions.items()}


@cache
def _profiles_file() -> ProfilesFile:
    file, faults = validated(ProfilesFile, read_yaml(BUILT_IN / "profiles.yaml"))
    if file is None:
        raise SettingsError(faults)
    return file


def _profile(name: str, entry: ProfileEntry) -> Profile:
    return Profile(name, Words(entry.zh, entry.en), entry.documents, entry.extends, _said(entry.note), entry.replaces)


def profile_documents(profile: Profile) -> tuple[str, ...]:
    """Name all documents of a built-in standard, those of the standard it extends first."""
    parent = profile_documents(read_profiles()[profile.parent]) if profile.parent else ()
    return (*parent, *(document for document in profile.documents if document not in parent))


def profile_rules(profile: Profile) -> dict[str, Rule]:
    """Return the rules of a built-in standard by id: its parent's without those it replaces, then those of its documents."""
    inherited = profile_rules(read_profiles()[profile.parent]) if profile.parent else {}
    kept = {name: rule for name, rule in inherited.items() if name not in profile.replaces}
    for document in profile.documents:
        kept |= read_document(document)[1]
    return kept


@cache
def read_inconsistencies() -> tuple[Inconsistency, ...]:
    """Read all disputes between texts; raises as `read_services`."""
    file, faults = validated(InconsistenciesFile, read_yaml(BUILT_IN / "inconsistencies.yaml"))
    if file is None:
        raise SettingsError(faults)
    return tuple(
        Inconsistency(one.id, one.documents, one.topic.words(), one.finding.words(), one.treatment.words())
        for one in file.inconsistencies
    )


def _said(said: Said | None) -> Words:
    return Words("", "") if said is None else said.words()
