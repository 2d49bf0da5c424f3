"""Invented people for the demonstration: drawn by our own code from a seed, so nobody real is ever shown."""
