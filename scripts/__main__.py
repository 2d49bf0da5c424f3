"""`python -m scripts` is the command `tracing`."""

from scripts.main import main

main()
