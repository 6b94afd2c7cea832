"""Alembic runs this for a migration: inside the transaction of whoever opened the ledger."""

from alembic import context

from validator.intake.ledger.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
