"""How fast the product is, beside its peers: `python -m benchmarks.reach`; and in a whole run: `python benchmarks/run.py`."""
