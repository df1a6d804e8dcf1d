"""Benchmark of the app in a real pseudo-terminal and of its store, beside others: `python -m tests.bench start`."""
