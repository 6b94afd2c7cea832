"""Jobs know which request over HTTP brought them, and how far they are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add to the jobs."""
    with op.batch_alter_table("job") as table:
        for name in ("sender", "request", "digest"):
            table.add_column(sa.Column(name, sa.String(), nullable=True))
        table.add_column(sa.Column("progress", sa.JSON(), nullable=True))
        table.create_unique_constraint(op.f("uq_job_sender_request"), ["sender", "request"])
