"""Alembic's entry: runs the steps on the connection and in the transaction that ``tracing.store.migrate`` passes in."""

from __future__ import annotations

from alembic import context

from tracing.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
