"""The protocols of ``tracing.records`` over SQL, one module per noun, together in a ``Transaction``."""

from tracing.store.records.transaction import Transaction

__all__ = ["Transaction"]
