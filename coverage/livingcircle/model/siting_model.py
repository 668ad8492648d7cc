"""What a plan can be best at, by the names the field has for it; apart from all else, so that the command knows them at once."""

from typing import Literal

AskedModel = Literal[
    "most_covered",
    "least_cost",
    "fewest_sites",
    "best_worst_share",
    "least_walk",
    "shortest_worst_walk",
    "most_served",
]
"""What a task can ask for: MCLP, partial covering by money or sites, max-min, p-median, p-center, covering with capacities."""
SitingModel = Literal[AskedModel, "close_unmet", "ranking"]
"""The same, every unmet clause of the standard, and the greedy order of a long list, which have keys of their own in a task."""
