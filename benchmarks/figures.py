"""What every benchmark shares: the option that keeps its figures as JSON next to the text, and what they were measured on."""

import argparse
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any


def options(about: str | None) -> argparse.ArgumentParser:
    """A parser of the benchmark's options, ``--json`` among them."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    return parser


def keep(path: Path | None, figures: Mapping[str, Any]) -> None:
    """Write the figures, and what they were measured on, where ``path`` names a file."""
    if path:
        about = {"machine": machine(), **figures}
        path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "python": platform.python_version(), "polars": version("polars"), "system": platform.platform(),
        "processors": os.cpu_count(), "load": load,
    }  # fmt: skip
