"""What may happen to an incident, where somebody else must know the word."""

RESOLVED = "resolved"
ACKNOWLEDGED = "acknowledged"
REPEATS = frozenset({"opened", "reopened", "surfaced", "continued"})
"""Events that tell a cause again; all others tell something new about it."""
