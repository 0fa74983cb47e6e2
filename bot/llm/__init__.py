"""Talking to any OpenAI-compatible model: within a deadline, in JSON, on record."""
