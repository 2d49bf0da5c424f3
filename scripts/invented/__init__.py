"""Invented people with real names and places, and what is said of them: for measuring what clues find.

Nothing here knows what the matcher takes for alike. How speech is distorted stands in ``distortion`` with its rates, and holds
much that the matcher has no table for.
"""
