"""A changed copy of the schemas, and the command run on it: in a process of its own, for the data folders are found once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from validator.base import files

COLUMNS = (
    "field,name_zh,name_en,type,length,required,required_when,domain,pattern,names,min,max,blank,alias,personal,item,since,"
    "until,basis,sure,note"
)


def copied(folder: Path) -> Path:
    """The schemas, copied below ``folder``; the other data folders stay where they are."""
    shutil.copytree(files.data("schemas"), folder / "schemas")
    return folder / "schemas"


def table(*rows: str) -> str:
    """A table of a layout: each row is ``field,Chinese,English,type,length,required,required_when,domain``."""
    lines = []
    for row in rows:
        cells = [*row.split(","), *[""] * 8][:8]
        lines.append(",".join([*cells, *[""] * 10, "interface-meaning,practice,"]))
    return "\n".join([COLUMNS, *lines, ""])


def run(folder: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """``zhikong`` with these arguments, or Python code, on the schemas below ``folder``."""
    command = ["-c", code] if code else ["-m", "validator"]
    return subprocess.run(
        [sys.executable, *command, *arguments], check=False, capture_output=True, encoding="utf-8",
        env={**os.environ, "ZHIKONG_DATA": str(folder), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
