"""What the benchmarks of the engine stand on: an invented company's data, its scorecard, and those who score it."""
