"""The web: JSON for programs, pages for people."""
