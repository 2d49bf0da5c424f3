"""How long what is kept, and what goes when its time is over."""
