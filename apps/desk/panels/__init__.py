"""The panels of a study: each shows rows of the tables of an outcome, filtered by what the sidebar says, and computes nothing."""
