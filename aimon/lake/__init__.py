"""Daily partitions of predictions. In: Arrow batches. Out: one Parquet file a model and day, with a manifest."""
