"""The emulator of a rehearsal: moto in one process, with the gaps closed that Slipway's resources need.

    python3 server.py --port N --ready-file PATH [--parent-pid PID]

Exit codes: 0 after SIGTERM, SIGINT or the parent's end; 2 moto is missing or out of range; 3 the port is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import socket
import sys
import threading
import time
from importlib import metadata

# the modules lie in the project's tree: leave no compiled files there
sys.dont_write_bytecode = True

HOST = "127.0.0.1"
MOTO_MIN = (5, 2, 1)
MOTO_BELOW = (5, 3)
MOTO_RANGE = ">=5.2.1,<5.3"
PARENT_POLL_SECONDS = 0.5
ENDINGS = {signal.SIGTERM, signal.SIGINT}

# read by moto while it is imported; a caller's own value wins
ENVIRONMENT = {
    # seconds until a certificate is ISSUED; moto's default is a minute
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # roles attach policies that AWS manages
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # moto signs calls to itself through boto3
    "AWS_ACCESS_KEY_ID": "emulator",
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def parse_arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="AWS emulator of Slipway's rehearsal")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--ready-file", help="file that receives the ready line; removed at exit")
    parser.add_argument("--parent-pid", type=int, help="exit when this process is no longer the parent")
    return parser.parse_args(argv)


def leading_numbers(version: str) -> tuple[int, ...]:
    """The numeric release part of a version: 5.2.1.dev3 is (5, 2, 1)."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def moto_problem() -> str | None:
    """One sentence if moto cannot be used, else None."""
    fix = "install test/emulator/requirements.txt into a virtual environment"
    try:
        version = metadata.version("moto")
    except metadata.PackageNotFoundError:
        return f"moto is not installed for {sys.executable}, it must be {MOTO_RANGE}: {fix}"
    if not MOTO_MIN <= leading_numbers(version) < MOTO_BELOW:
        return f"moto must be {MOTO_RANGE}, got {version}: {fix}"
    return None


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface alone."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


def write_ready_file(path: str, line: str) -> None:
    """Writes the file in one step, so that a reader never sees half of it."""
    partial = f"{path}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(line + "\n")
    os.replace(partial, path)


def watch_parent(parent_pid: int) -> None:
    """Ends this process with its parent, so that a killed rehearsal leaves no server behind."""
    while os.getppid() == parent_pid:
        time.sleep(PARENT_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def serve(listener: socket.socket, ready_file: str | None, parent_pid: int | None) -> None:
    """Serves until a signal or the end of the parent."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # held back in every thread until they are waited for: Python runs no handler in a thread that has just begun to wait
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)

    # imported here because moto reads its environment at import
    from werkzeug.serving import WSGIRequestHandler, make_server

    from application import create_application

    class QuietHandler(WSGIRequestHandler):
        """Prints no line per request."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Says nothing: what matters is served under /_slipway."""

    port = listener.getsockname()[1]
    server = make_server(
        HOST, port, create_application(), threaded=True, request_handler=QuietHandler, fd=listener.fileno()
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ready = {"port": port, "moto": metadata.version("moto"), "python": platform.python_version()}
    line = json.dumps(ready)
    print(line, flush=True)
    if ready_file:
        write_ready_file(ready_file, line)
    if parent_pid:
        threading.Thread(target=watch_parent, args=(parent_pid,), daemon=True).start()
    try:
        signal.sigwait(ENDINGS)
    finally:
        if ready_file and os.path.exists(ready_file):
            os.remove(ready_file)
        server.shutdown()


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    arguments = parse_arguments(argv)
    problem = moto_problem()
    if problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        listener = listen(arguments.port)
    except OSError as error:
        fix = "stop what uses it or name another port, 0 picks a free one"
        print(f"port {arguments.port} of {HOST} cannot be used ({error.strerror}): {fix}", file=sys.stderr)
        return 3
    serve(listener, arguments.ready_file, arguments.parent_pid)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
