"""Dagster sensors: the registry, incidents, run failures and the heartbeat."""
