"""Counting. In: a day's rows and a frozen grid. Out: a profile, a table of integer counts that adds exactly."""
