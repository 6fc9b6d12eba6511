"""How much work the service does for a second of processor time: `python -m benchmarks`."""
