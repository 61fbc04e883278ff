"""The process: start, refusals and ends."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
from importlib import metadata
from unittest import mock

from support import SERVER, Emulator, emulator

sys.path.insert(0, str(SERVER.parent))
import server


def is_listening(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_closed(port: int) -> bool:
    """Whether the port closes within ten seconds."""
    for _ in range(100):
        if not is_listening(port):
            return True
        time.sleep(0.1)
    return False


class ServerTest(unittest.TestCase):
    def test_says_port_and_versions_when_ready(self) -> None:
        running = emulator()
        self.assertEqual(running.ready["moto"], metadata.version("moto"))
        self.assertEqual(json.loads(running.ready_file.read_text()), running.ready)
        self.assertTrue(is_listening(running.ready["port"]))

    def test_refuses_a_port_that_is_taken(self) -> None:
        port = str(emulator().port)
        result = subprocess.run(
            [sys.executable, str(SERVER), "--port", port], capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, rf"^port {port} of 127\.0\.0\.1 cannot be used \(Address already in use\): ")
        self.assertEqual(result.stdout, "")

    def test_refuses_a_moto_out_of_range(self) -> None:
        for version in ("5.2.0", "5.3.0", "4.9"):
            with mock.patch.object(metadata, "version", return_value=version):
                self.assertIn(f"moto must be >=5.2.1,<5.3, got {version}: install", server.moto_problem())
        for version in ("5.2.1", "5.2.9", "5.2.5.dev1"):
            with mock.patch.object(metadata, "version", return_value=version):
                self.assertIsNone(server.moto_problem())

    def test_refuses_to_run_without_moto(self) -> None:
        with mock.patch.object(metadata, "version", side_effect=metadata.PackageNotFoundError()):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(server.main(["--port", "0"]), 2)
            self.assertIn("moto is not installed", said.getvalue())

    def test_ends_on_signals_and_takes_the_ready_file_away(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            running = Emulator()
            running.process.send_signal(number)
            self.assertEqual(running.process.wait(timeout=10), 0)
            self.assertEqual(running.process.stderr.read(), "")
            self.assertFalse(running.ready_file.exists())
            running.stop()

    def test_ends_when_its_parent_is_gone(self) -> None:
        starter = (
            "import os, subprocess, sys\n"
            "p = subprocess.Popen([sys.executable, sys.argv[1], '--port', '0', '--parent-pid', str(os.getpid())],"
            " stdout=subprocess.PIPE, text=True)\n"
            "print(p.stdout.readline(), flush=True)\n"
            "sys.stdin.readline()\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", starter, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        port = json.loads(parent.stdout.readline())["port"]
        self.assertTrue(is_listening(port))
        os.kill(parent.pid, signal.SIGKILL)
        parent.communicate()
        self.assertTrue(wait_until_closed(port))
