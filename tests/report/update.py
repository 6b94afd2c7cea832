"""Write the golden outputs anew: ``python -m tests.report.update``. Look at the diff before committing it."""

from tests.report.golden import FOLDER, NAMES, produce


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (FOLDER / name).write_text(produce(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
