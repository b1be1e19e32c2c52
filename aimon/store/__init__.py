"""The operations database. The only place that knows tables, sessions and migrations."""
