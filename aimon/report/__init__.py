"""Artifacts. In: records and profiles. Out: HTML and JSON that stand alone."""
