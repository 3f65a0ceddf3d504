"""A port for a server that takes no socket which is open already: nobody has it, and nobody is given it meanwhile.

A port that the kernel chose and that was closed again may be given to the next line that anybody on this machine
opens, before the server binds it or while the server is down between two starts. And who asks a port of that range
whether its server is up already may be connected to himself: his own end is given the same number.
"""

import os
import socket
from itertools import count
from pathlib import Path

_LOWEST, _SPAN = 12_000, 20_000
"""Below the range from which Linux gives ports by itself (32768 and more), above what services are known by."""
_next = count(os.getpid() * 97)
"""Test processes of one machine begin at different places."""


def free_port() -> int:
    """A port that nobody listens on, of those that the kernel gives to nobody by itself; each time another."""
    given_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    span = min(_SPAN, given_from - _LOWEST)
    for n in _next:
        port = _LOWEST + n % span if span > 0 else 0
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("there is always a next one")
