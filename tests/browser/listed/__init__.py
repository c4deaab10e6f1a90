"""The pages that are walked in both themes and languages: one module a subject, each with `PAGES`.

A module whose preparations would be met by later tests has `clear`, too: for rules that are on, and runs at work.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType

import msgspec
from playwright.async_api import Page
from tests.browser.visits import Console

ADMIN, NOBODY = "admin", ""


class Listed(msgspec.Struct, frozen=True):
    """Name a page.

    `name` is the screenshot's. `address` may hold `{names}` of what `prepare` gives, which is called once a session.
    `ready` is a selector of Playwright that is there once the page shows what it is for. `act` does what has to be
    done first to see it: opening a drawer, a tab. `person` is who looks (`ADMIN`): the administrator, somebody
    whom a `prepare` has made, or nobody at all. `alone` gives it a window that no other page is in: for what an `act`
    does to a window cannot be undone.
    """

    name: str
    address: str
    ready: str
    prepare: Callable[[Console], Awaitable[Mapping[str, object]]] | None = None
    act: Callable[[Page], Awaitable[None]] | None = None
    person: str = ADMIN
    alone: bool = False


def all_pages() -> list[Listed]:
    """Return the pages of all subjects."""
    return [page for module in _modules() for page in module.PAGES]


def all_clears() -> list[Callable[[Console], Awaitable[None]]]:
    """Return what takes away whatever of what was prepared would go on when nobody looks at pages any more."""
    return [module.clear for module in _modules() if hasattr(module, "clear")]


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
