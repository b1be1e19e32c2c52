"""Three hospitals, three processes, one key that none of them has: `python -m examples.federation`."""
