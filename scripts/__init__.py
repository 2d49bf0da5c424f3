"""The command line, one command group per file, over the same services as the web."""
