"""What `Benchmarks/run` does: see README.md beside this folder. Python's standard library only."""
