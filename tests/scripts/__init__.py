"""Mirrors scripts."""
