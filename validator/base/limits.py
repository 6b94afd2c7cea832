"""How much one input may cost, so that a small file can never fill memory or hang: every limit, once.

``--limits NAME=N,NAME=N`` (or the variable ``ZHIKONG_LIMITS``, also for programs) changes them; what exceeds one is refused in
a sentence with the value seen. What cannot be measured is refused too.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from validator.base.errors import ConfigError

VARIABLE, OPTION = "ZHIKONG_LIMITS", "--limits"
_LONG = 1_000_000_000  #: from here on, numbers are written in groups of digits


@dataclass(frozen=True)
class Limit:
    """A number that may not be exceeded, and of what."""

    usual: int
    zh: str
    en: str


LIMITS: Mapping[str, Limit] = {
    "zip-files": Limit(200_000, "压缩包里的文件数", "files in the archive"),
    "zip-bytes": Limit(8 << 30, "解开后的字节数", "bytes when unpacked"),
    "zip-ratio": Limit(250, "压缩比", "ratio of compression"),
    "workbook-cells": Limit(
        50_000_000, "工作簿的格数（各表行数乘列数之和）", "cells (rows by columns) of the workbook"
    ),
    "blank-cells": Limit(15_000_000, "工作簿的空格数", "blank cells of the workbook"),
    "workbook-characters": Limit(1_000_000_000, "工作簿各单元格的总字数", "characters in the workbook's cells"),
    "cell-characters": Limit(1 << 20, "单元格的字数", "characters in one cell"),
    "row-characters": Limit(1 << 24, "CSV 一行的字数", "characters in one row of a CSV file"),
    "row-cells": Limit(16_384, "CSV 一行的格数", "cells in one row of a CSV file"),
    "parquet-ratio": Limit(200, "Parquet 文件每字节的格数", "cells of the Parquet file for each of its bytes"),
    "yaml-bytes": Limit(8 << 20, "YAML 文件的字节数", "bytes of the YAML file"),
    "yaml-values": Limit(500_000, "YAML 展开后的值数", "values in the YAML file, aliases written out"),
    "unit-seconds": Limit(
        7_200, "一份数据在别的进程里处理的秒数", "seconds that another process works on a unit of data"
    ),
    "http-bytes": Limit(8 << 20, "请求体的字节数", "bytes in the body of a request"),
    "http-lists": Limit(200, "一次检查的清单数", "lists checked in one request"),
    "http-delivery-bytes": Limit(4 << 30, "一批清单的字节数", "bytes of a delivery"),
    "http-seconds": Limit(30, "等请求体下一段的秒数", "seconds to wait for more of a body"),
    "http-waiting": Limit(64, "一个进程同时处理的请求数", "requests that a worker process has at work"),
    "http-requests": Limit(60_000, "一个密钥一分钟的请求数", "requests of one key in a minute"),
}
_chosen: ContextVar[Mapping[str, int] | None] = ContextVar("limits", default=None)


def use(text: str) -> None:
    """Change limits from here on, in this thread or task, as ``zip-files=300000,zip-ratio=400`` says."""
    _chosen.set(_read(text))


@contextmanager
def using(text: str) -> Iterator[None]:
    """Change limits while the block runs."""
    before = _chosen.set(_read(text))
    try:
        yield
    finally:
        _chosen.reset(before)


def chosen() -> str:
    """The limits that were changed, as :func:`use` takes them: for a process that this one starts."""
    found = _chosen.get()
    return os.environ.get(VARIABLE, "") if found is None else ",".join(f"{name}={n}" for name, n in found.items())


def most(name: str) -> int:
    """The limit in use."""
    chosen = _chosen.get()
    if chosen is None:
        chosen = _read(os.environ.get(VARIABLE, ""))
    return chosen.get(name, LIMITS[name].usual)


def exceeded(name: str, seen: int) -> tuple[str, str] | None:
    """What to say, in both languages, where ``seen`` exceeds the limit; None where it does not."""
    limit, allowed = LIMITS[name], most(name)
    if seen <= allowed:
        return None
    value = f"{seen:_}" if seen >= _LONG else str(seen)  # else it reads as a telephone number, and is hidden
    zh = f"{limit.zh}为 {value}，超过限制 {allowed}；确实需要时用 {OPTION} {name}={value} 放宽"
    return zh, f"{limit.en}: {value}, more than {allowed}; where that is right, raise it by {OPTION} {name}={value}"


@cache
def _read(text: str) -> Mapping[str, int]:
    """``NAME=N,NAME=N``; :class:`ConfigError` names what is not understood."""
    found = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _, number = part.partition("=")
        number = number.replace("_", "")
        if name not in LIMITS or not (number.isascii() and number.isdigit() and len(number) <= 15 and int(number)):
            names = "、".join(LIMITS)
            raise ConfigError(
                f"{OPTION}（{VARIABLE}）看不懂“{part[:40]}”，写成 名称=整数，名称有：{names}",
                f"{OPTION} ({VARIABLE}): '{part[:40]}' is not understood; write NAME=N of {', '.join(LIMITS)}",
            )
        found[name] = int(number)
    return found
