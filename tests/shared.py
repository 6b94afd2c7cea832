"""Where the full national tables stand beside the checkout; they are not part of the project."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_tables = pytest.mark.skipif(
    not (SHARED / "codebooks").is_dir(), reason="the national tables are not in the repository (../shared)"
)
