"""Where the full national tables stand beside the checkout; they are not part of the project."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_schemes = pytest.mark.skipif(
    not (SHARED / "chs_drg").is_dir(), reason="the tables of CHS-DRG 1.1 are not in the repository (../shared)"
)
needs_tables = pytest.mark.skipif(
    not (SHARED / "codebooks").is_dir(), reason="the national tables are not in the repository (../shared)"
)
