"""Dagster resources: thin wrappers that configure engine objects."""
