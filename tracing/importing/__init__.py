"""Lists of other departments: which column is what, what its cells say, and how they become cases, once each."""
