"""The owner of a key, on a machine of their own. In: sealed sums from a server. Out: verdicts or counts, by policy.

The only part of the product that opens anything on its own; no server imports it.
"""
