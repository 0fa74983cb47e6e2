"""Measures how well an engine structures dictations, against notes that people wrote (the gold)."""
