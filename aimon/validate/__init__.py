"""Is the day's data usable? In: a day's rows, the model's declaration, its grid and baseline. Out: findings.

Great Expectations runs the suite; unusable data blocks what follows, merely odd data warns. Rows that cannot be used at
all are kept apart before the day is written.
"""
