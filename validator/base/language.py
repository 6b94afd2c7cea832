"""The language in which zhikong speaks to people: Chinese unless asked otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Lang = Literal["zh", "en"]
_lang: ContextVar[Lang] = ContextVar("lang", default="zh")


def use(lang: Lang) -> None:
    """Speak ``lang`` from here on, in this thread or task."""
    _lang.set(lang)


def current() -> Lang:
    """The language in use."""
    return _lang.get()


@contextmanager
def speaking(lang: Lang | None) -> Iterator[None]:
    """Speak ``lang`` within the block; None changes nothing."""
    token = _lang.set(lang or _lang.get())
    try:
        yield
    finally:
        _lang.reset(token)


def say(zh: str, en: str) -> str:
    """The one of two texts that is in the current language."""
    return zh if _lang.get() == "zh" else en


class Titled:
    """What has a name in both languages."""

    title_zh: str
    title_en: str

    @property
    def title(self) -> str:
        """Its name in the language in use."""
        return say(self.title_zh, self.title_en)


class Noted(Titled):
    """What also has a note in both languages."""

    note_zh: str
    note_en: str

    @property
    def note(self) -> str:
        """What a reader should know of it."""
        return say(self.note_zh, self.note_en)
