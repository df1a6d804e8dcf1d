"""Benchmark of the app in a real pseudo-terminal, beside other Textual apps: `python -m tests.bench start`."""
