"""The operations database. The only place that knows tables, sessions and migrations."""

from aimon.store.store import Store, open_store

__all__ = ["Store", "open_store"]
