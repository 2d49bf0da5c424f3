"""One file per port, run over every implementation."""
