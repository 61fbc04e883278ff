"""The overlay fails loudly when moto has moved on."""

from __future__ import annotations

import sys
import unittest
from typing import Any

from support import SERVER

sys.path.insert(0, str(SERVER.parent))
from overlay.patching import add, replace, wrap


def moto_class() -> Any:
    """A class as moto could have it."""

    class Response:
        def known(self) -> str:
            return "moto"

    return Response


class PatchingTest(unittest.TestCase):
    def test_wrapping_or_replacing_what_is_gone_is_an_error(self) -> None:
        for patch in (wrap, replace):
            with self.assertRaisesRegex(AttributeError, "gone"):
                patch(moto_class(), "gone")

    def test_a_wrapper_gets_the_original(self) -> None:
        response = moto_class()

        @wrap(response, "known")
        def known(original: Any, self: Any) -> str:
            return f"overlay of {original(self)}"

        self.assertEqual(response().known(), "overlay of moto")

    def test_an_operation_that_moto_brings_itself_is_kept(self) -> None:
        response = moto_class()

        @add(response)
        def known(self: Any) -> str:
            return "overlay"

        @add(response)
        def missing(self: Any) -> str:
            return "overlay"

        self.assertEqual((response().known(), response().missing()), ("moto", "overlay"))
