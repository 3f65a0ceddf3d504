"""One connection to a mail server that ends at its time, even when a server says one byte every ten seconds."""

import smtplib
import socket
import ssl
import threading
from time import monotonic
from typing import Final

CONNECT_SECONDS: Final = 5.0
"""For one address of the server's name; a name may have several."""
ANSWER_SECONDS: Final = 15.0
LINE_SECONDS: Final = 20.0
"""All of one connection, whatever is sent over it: so long may mail keep a worker or a person waiting."""
GOODBYE_SECONDS: Final = 2.0


class MailLine(smtplib.SMTP):
    """An open connection, with TLS from its first byte when `tls` is given; it is cut after `seconds`.

    The standard library bounds each wait for bytes, not their sum.
    """

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None, seconds: float = LINE_SECONDS) -> None:
        self._tls = tls
        self._ends = monotonic() + seconds
        self._handle: socket.socket | None = None
        self._watch = threading.Timer(seconds, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(host, port, timeout=min(ANSWER_SECONDS, seconds))
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect as the standard library asks for it, and keep a handle that outlives the change to TLS."""
        line = socket.create_connection((host, port), min(CONNECT_SECONDS, timeout))
        self._handle = line.dup()
        line.settimeout(timeout)
        if monotonic() >= self._ends:
            line.close()
            raise TimeoutError
        return line if self._tls is None else self._tls.wrap_socket(line, server_hostname=host)

    def _cut(self) -> None:
        handle = self._handle
        if handle is None:
            return
        try:
            handle.shutdown(socket.SHUT_RDWR)
        except OSError:  # closed already: that is what was wanted
            return

    @property
    def is_late(self) -> bool:
        """Whether its time is over, so that its last answer may be half of one."""
        return monotonic() >= self._ends

    @property
    def is_open(self) -> bool:
        """Whether another mail may be handed over."""
        return self.sock is not None

    def hang_up(self) -> None:
        """Say goodbye and close; what was taken is taken, whatever the server says to it or does not say."""
        try:
            if self.sock is not None:
                self.sock.settimeout(GOODBYE_SECONDS)
                self.quit()
        except (smtplib.SMTPException, OSError):
            return
        finally:
            self.close()

    def close(self) -> None:
        """Close at once."""
        self._watch.cancel()
        try:
            super().close()
        finally:
            if self._handle is not None:
                self._handle.close()
