"""What is kept: tables, records, photos, keys."""
