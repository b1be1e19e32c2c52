"""Where predictions come in. In: Parquet, CSV, SQL, the collector's inbox. Out: Arrow batches of one UTC day."""
