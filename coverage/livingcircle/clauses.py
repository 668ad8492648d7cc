"""What the product knows of standards, as figures: those that come with it, the clauses of one, the service types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livingcircle.render.standard_lists import library_figures, service_figures, standard_figures
from livingcircle.sources.standards import (
    builtin_standards,
    document_ids,
    read_conditions,
    read_document,
    read_profiles,
    read_services,
    read_standard,
    read_systems,
)


def overview() -> dict[str, Any]:
    """Return all built-in standards and documents with the number of their rules by how well they were checked."""
    documents = {name: read_document(name) for name in document_ids()}
    return library_figures(
        [read_standard(name) for name in builtin_standards()],
        read_profiles(),
        {name: (document, tuple(rules.values())) for name, (document, rules) in documents.items()},
    )


def clauses_of(standard: str) -> dict[str, Any]:
    """Return every clause of a built-in standard, of a document, or of a file of one's own, with its source.

    Raises
    ------
    SettingsError
        When there is none of that name, or its file has faults.
    """
    documents = {name: read_document(name)[0] for name in document_ids()}
    return standard_figures(read_standard(standard, Path()), documents, read_services(), read_conditions())


def service_list() -> dict[str, Any]:
    """Return all service types by system."""
    return service_figures(read_services(), read_systems())
