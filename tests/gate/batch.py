"""Batches and suites to judge."""

import copy
import json
from importlib.util import find_spec
from typing import Any

import pytest

from validator import api, read
from validator.api import Report
from validator.base import files

Node = dict[str, Any]

needs_extra = pytest.mark.skipif(
    find_spec("great_expectations") is None, reason='the extra is not installed: pip install "zhikong[gate]"'
)


def message(number: int, layout: str = "4101", **fields: str | None) -> Node:
    """The golden list as another case, with some fields of setlinfo changed."""
    golden = json.loads((files.data("schemas") / "layouts" / layout / "golden.json").read_text(encoding="utf-8"))
    made = copy.deepcopy(golden)
    keys = {"setl_id": f"S{number}", "mdtrt_id": f"M{number}", "medcasno": f"B{number}"}
    made["input"]["setlinfo"].update({**keys, **fields})
    return made


def report(*messages: Node) -> Report:
    catalogue = api.load()
    return api.run(catalogue, read.from_messages(list(messages), catalogue.layouts), ["张三的清单.json"])


def batch(cases: int, faulty: int = 0) -> Report:
    """So many cases, so many of them with an unknown code for the sex."""
    return report(*(message(n, **({"gend": "7"} if n < faulty else {})) for n in range(cases)))


def between(column: str, low: float | None = None, high: float | None = None, **more: Any) -> Node:
    kwargs = {"column": column, "min_value": low, "max_value": high, **more.pop("kwargs", {})}
    return {"type": "expect_column_max_to_be_between", "kwargs": kwargs, **more}
