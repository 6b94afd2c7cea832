"""``python -m validator`` is ``zhikong``."""

from validator.cli import main

main()
