"""Reading whatever a user has into :class:`~validator.tables.Partition`: messages, workbooks, CSV, Parquet."""

from validator.read.messages import from_json, from_message, from_messages

__all__ = ["from_json", "from_message", "from_messages"]
