"""Numbers. In: profiles on one grid. Out: plain values with their sampling law. Pure functions, no I/O."""
