"""The code location: partitions, jobs, schedules and the definitions that assemble them."""
