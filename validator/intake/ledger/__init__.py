"""The ledger: a database (SQLite in a folder, or PostgreSQL) and the Parquet frames that go with it."""

from validator.intake.ledger.store import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]
