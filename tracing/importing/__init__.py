"""Lists of other departments: which column is what, what cells say, and how records become cases once, or are only compared."""
