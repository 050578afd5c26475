"""What the benchmarks have in common: local CRMs to measure against, and how results are shown."""
