"""Benchmarks: a hundred pools beside the CLI's floor, what people write today, and the limit."""
