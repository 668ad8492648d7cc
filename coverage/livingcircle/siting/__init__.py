"""From a study to a siting problem, and from its solution to a plan."""

from livingcircle.siting.proposing import proposed

__all__ = ["proposed"]
