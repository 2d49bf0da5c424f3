"""The shelters and authorities that share an installation: whose a case is, and who may see how much of it."""
