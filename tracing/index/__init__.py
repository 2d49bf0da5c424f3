"""Near vectors by id: numpy as the reference, FAISS for work."""
