"""Statutory clocks: when they are due, what starts and ends them, and what was done about them."""
