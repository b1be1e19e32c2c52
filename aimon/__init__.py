"""The engine: a typed library that watches machine-learning models, usable without Dagster."""
