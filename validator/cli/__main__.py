"""``python -m validator.cli`` is ``zhikong``."""

from validator.cli import main

main()
