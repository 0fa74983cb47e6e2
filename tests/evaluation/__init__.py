"""Tests of the measure itself: a wrong measure makes every figure worthless."""
