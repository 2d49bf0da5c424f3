"""One module per step, each on top of the one before."""
