"""The floor: read a socket, hash, write, fsync, and nothing else; `python floor.py PORT FOLDER`."""

import hashlib
import os
import socket
import sys
import uuid
from pathlib import Path

BLOCK = 256 * 1024


def take(connection: socket.socket, folder: Path) -> None:
    """Answer one request."""
    with connection.makefile("rb", buffering=0) as stream:
        head = b""
        while b"\r\n\r\n" not in head:
            part = stream.read(64 * 1024)
            if not part:
                return
            head += part
        head, _, part = head.partition(b"\r\n\r\n")
        (length,) = (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        left = int(length.split(b":")[1])
        path = folder / uuid.uuid4().hex
        digest = hashlib.sha256()
        with path.open("wb", buffering=0) as file:
            # The head often comes alone: an empty first part is not the end.
            while left:
                digest.update(part)
                file.write(part)
                left -= len(part)
                part = stream.read(min(left, BLOCK))
            os.fsync(file.fileno())
        path.unlink()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def main(port: int, folder: Path) -> None:
    """Serve for ever, one request at a time."""
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                take(connection, folder)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
