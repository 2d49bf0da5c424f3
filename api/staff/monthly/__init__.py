"""The monthly report for people: the same sections as a page, as CSV, as PDF, and on the command line."""
