"""One module per peer: how it is asked for the same thing. See `benchmarks.contest` for what a contestant is."""
