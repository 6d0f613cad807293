"""Benchmarks: a hundred pools beside the engine's floor, what people write today, and the limit."""
