"""Mirrors scripts/bench."""
