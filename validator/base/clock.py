"""The time of the run: the one place that asks for it, so that a run can be made again byte for byte."""

import os
from datetime import UTC, datetime

from validator.base.errors import InputError

#: Seconds since 1970 that stand for the time of the run, as reproducible builds have it (reproducible-builds.org).
VARIABLE = "SOURCE_DATE_EPOCH"
#: The date of every member of a zip that we write: its content is what counts.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_LAST = 4_102_444_800  #: the year 2100


def now() -> datetime:
    """The time, in the machine's own zone; that of :data:`VARIABLE`, in UTC, where it is set.

    Raises :class:`~validator.base.errors.InputError` where the variable is no number of seconds.
    """
    fixed = os.environ.get(VARIABLE, "")
    if not fixed:
        return datetime.now().astimezone()
    if not (fixed.isascii() and fixed.isdigit() and int(fixed) < _LAST):
        zh = f"环境变量 {VARIABLE} 应是 1970 年以来的秒数"
        raise InputError(zh, f"the variable {VARIABLE} must be the seconds since 1970")
    return datetime.fromtimestamp(int(fixed), UTC)
