"""How the overlay changes moto: wrap what exists, add what is missing. Both fail loudly when moto has moved on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def wrap(owner: Any, name: str) -> Callable[[Function], Function]:
    """Replaces `owner.name` by a function that gets the original as its first argument."""
    original = getattr(owner, name)

    def decorate(replacement: Function) -> Function:
        @functools.wraps(original)
        def patched(*args: Any, **kwargs: Any) -> Any:
            return replacement(original, *args, **kwargs)

        setattr(owner, name, patched)
        return replacement

    return decorate


def replace(owner: Any, name: str) -> Callable[[Function], Function]:
    """Replaces `owner.name`, which must exist."""
    getattr(owner, name)

    def decorate(replacement: Function) -> Function:
        setattr(owner, name, replacement)
        return replacement

    return decorate


def add(owner: Any) -> Callable[[Function], Function]:
    """Adds an operation under the function's name, unless this version of moto brings its own."""

    def decorate(operation: Function) -> Function:
        if not hasattr(owner, operation.__name__):
            setattr(owner, operation.__name__, operation)
        return operation

    return decorate
