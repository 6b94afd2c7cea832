"""Small deliveries for tests: fictional lists as messages, changed as a hospital would."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from validator.base import files

HOSPITAL = "H11010500001"
GOLDEN = files.data("schemas") / "layouts" / "4101" / "golden.json"


@cache
def _golden() -> str:
    return GOLDEN.read_text(encoding="utf-8")


def a_list(number: int, **changes: Any) -> dict[str, Any]:
    """A clean list with a settlement and a stay of its own; ``changes`` are fields of its setlinfo."""
    message: dict[str, Any] = json.loads(_golden())
    base = message["input"]["setlinfo"]
    base |= {"setl_id": f"S{number:04}", "mdtrt_id": f"M{number:04}", "medcasno": f"B{number:04}"}
    base["adm_time"] = f"{base['adm_time'][:14]}{number:02}{base['adm_time'][16:]}"
    base |= changes
    return message


def as_file(path: Path, *lists: dict[str, Any]) -> Path:
    """The lists in one file, a message a line."""
    path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in lists) + "\n", encoding="utf-8")
    return path
