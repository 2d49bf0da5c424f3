"""What is shared with partner organisations, and what comes from them, as PFIF (docs/pfif.md)."""
