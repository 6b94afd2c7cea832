"""``python -m validator.docs`` writes the generated pages; with ``--check`` it only says which are stale, and fails."""

import sys

from validator import docs


def main() -> int:
    """Write or compare."""
    if sys.argv[1:] not in ([], ["--check"]):
        sys.stderr.write("python -m validator.docs [--check]\n")
        return 2
    if not (docs.root() / "docs").is_dir():
        sys.stderr.write("docs are made in a checkout; this is an installed copy\n")
        return 2
    if not sys.argv[1:]:
        docs.write()
        return 0
    old = list(docs.stale())
    for name in old:
        sys.stderr.write(f"{name} is stale: run python -m validator.docs\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
