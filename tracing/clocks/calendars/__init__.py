"""What other people's calendar libraries do for us: working days of a country, and calendar files for phones."""
