"""Checking a batch takes no more calls and queries than it did: a guard that no machine's load disturbs."""

from benchmarks import calls

#: Other releases of Python and Polars count a little otherwise.
_ROOM = 1.15


def test_no_more_calls_than_were_kept() -> None:
    found, kept = calls.counts(), calls.baseline()
    for name, most in kept.items():
        assert found[name] <= most * _ROOM, f"{name}: python benchmarks/calls.py --update, if that is meant"
