"""Mirrors tracing/index."""
