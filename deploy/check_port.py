"""Says at once that the demo's port is taken, before anything is installed.

    python3 deploy/check_port.py HOST PORT

Runs on the system's Python, so it imports nothing but the standard library. Exit code 1 and a message on
standard error when the web server could not listen there.
"""

import socket
import sys


def main(host: str, port: str) -> None:
    """Binds the way the web server will, and lets go again."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port} is not a port number: use one from 1024 to 65535.")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
            probe.listen(1)
    except OSError as error:
        sys.exit(
            f"The demo cannot listen on {host}:{port} ({error.strerror}). If the demo or another program "
            f"uses that port, stop it, or choose another port: make demo PORT={int(port) + 1}"
        )


if __name__ == "__main__":
    main(*sys.argv[1:3])
