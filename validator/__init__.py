"""zhikong: the data-quality gate for China's settlement lists (医疗保障基金结算清单质控).

>>> from validator import check
>>> report = check("清单.xlsx")
>>> report.findings, report.outcomes

>>> from validator import judge
>>> judged = judge({"infno": "4101", "input": {"setlinfo": {"setl_id": "1"}}})
>>> judged.disposition, judged.findings

>>> from validator import group
>>> group("清单.xlsx", scheme="chs-drg-1.1")
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "ConfigError", "InputError", "JudgedMessage", "Report", "ZhikongError", "__version__", "check", "group", "judge", "judge_many",
    "measure", "score",
]  # fmt: skip
_HOMES = {
    "validator.api": ("Report", "check"),
    "validator.checks.rows.judging": ("JudgedMessage", "judge", "judge_many"),
    "validator.grouping.grouper": ("group",),
    "validator.scoring.run": ("measure",),
    "validator.scoring.scheme.run": ("score",),
    "validator.base.errors": ("ConfigError", "InputError", "ZhikongError"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from validator.api import Report, check
    from validator.base.errors import ConfigError, InputError, ZhikongError
    from validator.checks.rows.judging import JudgedMessage, judge, judge_many
    from validator.grouping.grouper import group
    from validator.scoring.run import measure
    from validator.scoring.scheme.run import score


# Polars' allocator, before Polars is loaded: giving memory back to the system after half a second only to ask for it again
# takes up to a third of the time of a batch. Whoever sets the variable keeps what was set.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:5000")


def __getattr__(name: str) -> Any:
    """Load the engine (and Polars) when it is first asked for, so that ``zhikong --version`` answers at once."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
