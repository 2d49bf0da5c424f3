"""Mirrors tracing/embeddings."""
