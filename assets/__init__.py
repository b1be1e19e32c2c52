"""The Dagster assets: one module per kind of result, and their checks."""
