"""The two ways in which zhikong cannot run; a finding about the data is never an exception."""

from validator.base.language import say


class ZhikongError(Exception):
    """Why the run cannot go on, in both languages; ``str()`` gives the text in the current one.

    Messages name the file and, where there is one, the sheet, row and column. They never hold a patient's data.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return say(self.zh, self.en)


class InputError(ZhikongError):
    """The user's data cannot be read (exit code 2)."""


class MissingError(InputError):
    """What was asked for by its name or number is not there."""


class ConfigError(ZhikongError):
    """A rule page, layout, profile or code book is wrong (exit code 2); the message begins with ``file:line``."""
