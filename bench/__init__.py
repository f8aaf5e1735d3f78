"""Side-by-side benchmarks, one file per contender: same data, same machine, one run."""
