"""What a study's settings name, read: which reader each setting means, which files it takes, and whom to credit.

A reader of one file raises what is wrong with it, for `Report.take` to note; one of several notes it itself and goes on to the next file.
"""

from livingcircle.readers.areas import (
    read_circles,
    read_compounds,
    read_district_layers,
    read_districts,
    read_natural_border,
    read_study_area,
)
from livingcircle.readers.candidates import placed_candidates, read_candidates, read_excluded
from livingcircle.readers.facilities import (
    FoundFacilities,
    named_service,
    read_answers,
    read_entrances,
    read_facilities,
    unknown_service,
)
from livingcircle.readers.named import (
    OSM_ATTRIBUTION,
    attribution,
    cache_folder,
    data_days,
    file_parts,
    input_paths,
    named_sources,
    words_of,
)
from livingcircle.readers.people import read_footprints, read_homes, read_population_table
from livingcircle.readers.report import Report
from livingcircle.readers.streets import area_of_network, area_of_study, read_streets, walker_of

__all__ = [
    "OSM_ATTRIBUTION",
    "FoundFacilities",
    "Report",
    "area_of_network",
    "area_of_study",
    "attribution",
    "cache_folder",
    "data_days",
    "file_parts",
    "input_paths",
    "named_service",
    "named_sources",
    "placed_candidates",
    "read_answers",
    "read_candidates",
    "read_circles",
    "read_compounds",
    "read_district_layers",
    "read_districts",
    "read_entrances",
    "read_excluded",
    "read_facilities",
    "read_footprints",
    "read_homes",
    "read_natural_border",
    "read_population_table",
    "read_streets",
    "read_study_area",
    "unknown_service",
    "walker_of",
    "words_of",
]
