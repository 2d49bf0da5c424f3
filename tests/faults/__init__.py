"""The real service as processes that are killed, starved of disk and database, and set to wrong times."""
