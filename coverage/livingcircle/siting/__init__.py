"""From a study to a siting problem, and from its solution to a plan."""

from livingcircle.siting.members import kept_shares
from livingcircle.siting.proposing import proposed

__all__ = ["kept_shares", "proposed"]
