"""Near vectors by id: numpy as the reference, FAISS for work."""

from tracing.index.choice import make_index

__all__ = ["make_index"]
