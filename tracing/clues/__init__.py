"""What people said, compared across cases: read, weighed, searched for, and asked for."""
