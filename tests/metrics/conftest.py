"""The small models of these tests."""

from tests.counted import counted, random

__all__ = ["counted", "random"]
