"""Questions a single column cannot answer. In: samples, stored series, profiles. Out: estimates, segments, causes."""
