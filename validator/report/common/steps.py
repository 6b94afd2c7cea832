"""What the coder does now, in order."""

from collections.abc import Iterator

from validator.base.language import say
from validator.report.common.digest import Digest
from validator.report.common.words import number


def next_steps(totals: Digest) -> list[str]:
    """The steps that are left before the lists can be uploaded."""
    steps = [*_whole(totals), *_single(totals)]
    ready = say("改好后重新检查", "Check again") if steps else say("可以上传", "Ready to upload")
    return [*steps, *_more(totals), *([ready] if totals.cases else []), *_not_run(totals)]


def _whole(totals: Digest) -> Iterator[str]:
    """Whole columns and files first: the rest is fewer afterwards."""
    if first := [each for each in totals.whole if each.level != "info"]:
        n, good, left = len(first), number(totals.at_once), number(totals.left)
        yield say(
            f"先改上面 {n} 项整列、整个文件的问题，一共去掉 {good} 处；改好后自身还有错误的病例剩 {left} 份",
            f"Put right the {n} whole columns or files above: {good} findings go; {left} cases have errors of their own",
        )
    if totals.unread:
        n_ = number(totals.unread)
        yield say(
            f"没有读到的表和列要补上，{n_} 份病例现在无法判定",
            f"Add the tables and columns that were not read; {n_} cases cannot be judged now",
        )


def _single(totals: Digest) -> Iterator[str]:
    """Single cases."""
    if totals.scheme and totals.blocked:
        yield say(
            f"按分组方案 {totals.scheme}，{number(totals.blocked)} 份病例没有入组：zhikong group 说明原因",
            f"By the scheme {totals.scheme} {number(totals.blocked)} cases have no group: zhikong group says why",
        )
    if totals.left:
        blocked = say(f"，其中 {number(totals.blocked)} 份现在不能入组", f"; {totals.blocked} cannot be grouped now")
        yield say(f"改 {number(totals.left)} 份病例的错误", f"Fix the errors of {number(totals.left)} cases") + (
            blocked if not totals.scheme and 0 < totals.blocked <= totals.left else ""
        )
    warnings = sum(tier.findings for tier in totals.tiers if tier.level == "warning")
    if warnings:
        yield say(
            f"对照病历核对 {number(warnings)} 处警告，属实的不必改",
            f"Compare {number(warnings)} warnings with the record",
        )


def _more(totals: Digest) -> Iterator[str]:
    """What zhikong does itself, and what it needs to see more."""
    if n := totals.safe:
        yield say(
            f"{number(n)} 处只是书写形式，加 --fix 目录 可在副本里代改",
            f"{number(n)} are of form only: --fix DIR fixes them in a copy",
        )
    if totals.without:
        names = " ".join(totals.without)
        yield say(
            f"装载官方码表（zhikong codebooks add，{names}）再查，才知道编码是否存在、有效，名称是否相符",
            f"Load the official code tables (zhikong codebooks add: {names}) to see whether codes exist and are in force",
        )


def _not_run(totals: Digest) -> Iterator[str]:
    if n := totals.not_run:
        yield say(f"看看没有运行的 {n} 项检查是为什么", f"See why {n} checks did not run")
