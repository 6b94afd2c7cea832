"""``zhikong check --fix``: what was fixed, and what was left for a person."""

from typing import TYPE_CHECKING

import click

from validator.base.language import say

if TYPE_CHECKING:
    from validator.fix import Fixed

_NAMED = 10  #: copies that are named one by one


def show(fixed: "Fixed", quiet: bool) -> None:
    """Say it on the error stream, so that standard output stays the report's."""
    if quiet:
        return
    copies = sorted(fixed.files.items(), key=lambda each: -each[1])
    for path, made in copies[:_NAMED]:
        _say(f"已写 {path}，改 {made} 处", f"Wrote {path}: {made} fixed")
    if (more := len(copies) - _NAMED) > 0:
        made = sum(made for _, made in copies[_NAMED:])
        _say(f"已写另外 {more} 个文件，改 {made} 处", f"Wrote {more} more files: {made} fixed")
    _say(f"已写 {fixed.log}，记录每一处改动", f"Wrote {fixed.log}, which tells every change")
    for reason, number in fixed.left.items():
        zh, en = reason.value
        _say(f"另有 {number} 处书写问题未改：{zh}", f"{number} of form only were left: {en}")
    if fixed.judged:
        _say(
            f"另有 {fixed.judged} 处建议需人工判断，未改",
            f"{fixed.judged} suggestions are for a person to judge and were not made",
        )


def _say(zh: str, en: str) -> None:
    click.echo(say(zh, en), err=True)
