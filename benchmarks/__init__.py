"""Measurements of the product, each run by `python -m benchmarks.NAME [--quick]`."""
