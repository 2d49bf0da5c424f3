"""What ``scripts/calibrate.py`` is made of: labelled photos, comparisons of them, what is fitted, and what comes of it."""
