"""Questions a single column cannot answer. In: samples of rows, stored series, profiles. Out: estimates, segments, causes."""
