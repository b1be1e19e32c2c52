"""A project to copy (`examples/demo`) and three models' data, made by a seed, with faults planted on known days."""
