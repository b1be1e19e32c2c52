"""One day of one model, from source to report. In: a platform, a model. Out: lake, profiles, records, artifacts.

The steps are ordinary functions of the engine; what runs them (Dagster, a command, a benchmark) adds the order only.
"""
