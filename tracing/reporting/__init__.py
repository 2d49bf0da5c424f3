"""The monthly report: what happened to the people of a month, counted so that no single person can be told from it."""
