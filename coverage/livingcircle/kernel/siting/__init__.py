"""Location-allocation: from a table of who could be reached to a plan with a proof of how good it is."""
