"""The chapters of a report: each a function from the material to its sections."""
