"""The yearly assessment's inputs: measures of data quality and of care, each number with the stays it counts."""
