"""E-mail by SMTP: plain text to one person at a time; no header can be smuggled in, and nothing is logged here."""

import re
import smtplib
import ssl
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from app.notifications.mail_line import MailLine

_WORD: Final = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS: Final = re.compile(rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})*")
"""RFC 5321's plain form: ASCII words with dots, no quotes, and no `?`, without which there is no encoded word."""
LONGEST: Final = 254
REFUSED: Final = "mail_refused"
LATER: Final = "mail_later"
AWAY: Final = "mail_away"
LOGIN: Final = "mail_login"
INSECURE: Final = "mail_insecure"
FOR_GOOD: Final = frozenset({REFUSED})
"""Faults that trying again does not mend."""
OF_THE_SERVER: Final = frozenset({AWAY, LOGIN, INSECURE})
"""Faults that every other letter would meet as well; `LATER` is one letter's own."""


@dataclass(frozen=True)
class Mail:
    """One e-mail: to whom, about what, and its text."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class MailServer:
    """The server that the operator named: `security` is tls, starttls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str = ""
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @classmethod
    def of(cls, url: str, *, sender: str) -> "MailServer | None":
        """The server of `SMTP_URL`, or None when none is set."""
        if not url:
            return None
        parts = urlsplit(url)
        security = {"smtps": "tls", "smtp": "starttls", "smtp+plain": "none"}[parts.scheme]
        port = parts.port or {"tls": 465, "starttls": 587, "none": 25}[security]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(str(parts.hostname), port, security, user, password, sender)

    def send(self, mails: Sequence[Mail]) -> tuple[str | None, ...]:
        """Send these over one connection; for each None, or the code of what kept it from being taken."""
        answers = tuple(self.each(mails))
        return answers + (AWAY,) * (len(mails) - len(answers))

    def each(self, mails: Sequence[Mail]) -> Generator[str | None]:
        """Send these over one connection, each as the next answer is asked for: None, or the code of its fault.

        It ends early when the line is lost: what is left was not begun. A server that nothing can be said to
        faults them all. Closing it early hangs up; nothing that happens then changes what was taken.
        """
        line = self._reached()
        if isinstance(line, str):
            yield from (line,) * len(mails)
            return
        try:
            for mail in mails:
                fault = self._one(line, mail)
                if fault == AWAY:
                    line.close()
                yield fault
                if not line.is_open:
                    return
        finally:
            line.hang_up()

    def _reached(self) -> MailLine | str:
        try:
            return self._connection()
        except smtplib.SMTPAuthenticationError:
            return LOGIN
        except smtplib.SMTPNotSupportedError:
            # A server without STARTTLS would get name, password and words in clear.
            return INSECURE
        except ssl.SSLEOFError:
            return AWAY
        except ssl.SSLError:
            return INSECURE
        except (smtplib.SMTPException, OSError, ValueError):
            return AWAY

    def _connection(self) -> MailLine:
        line = MailLine(self.host, self.port, tls=self.trust() if self.security == "tls" else None)
        try:
            if self.security == "starttls":
                line.starttls(context=self.trust())
            if self.user:
                line.login(self.user, self.password)
        except BaseException:
            line.close()
            raise
        return line

    def _one(self, line: MailLine, mail: Mail) -> str | None:
        try:
            letter = written(mail, sender=self.sender)
        except (ValueError, MessageError):
            # It would fail likewise every time, and take the others of its round with it.
            return REFUSED
        try:
            line.send_message(letter, self.sender, [mail.to])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as fault:
            if line.is_late:
                # Half an answer, cut off: it says nothing.
                return AWAY
            return REFUSED if _is_for_good(fault) else LATER
        except (smtplib.SMTPException, OSError):
            return AWAY
        return None


def _is_for_good(fault: Exception) -> bool:
    """Whether the server's own number says that it will never take this (5xx)."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in fault.recipients.values())  # noqa: PLR2004  # SMTP's own number
    return isinstance(fault, smtplib.SMTPResponseException) and fault.smtp_code >= 500  # noqa: PLR2004


def is_address(text: str) -> bool:
    """Whether this can be one person's address, in plain ASCII: no list, no quotes, no encoded word (RFC 2047)."""
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None


def written(mail: Mail, *, sender: str) -> EmailMessage:
    """The e-mail as it is sent.

    Raises:
        ValueError: the address is none; a subject loses its line breaks instead.
    """
    if not is_address(mail.to):
        raise ValueError("not an address")
    letter = EmailMessage(policy=SMTP)
    local, _, domain = sender.rpartition("@")
    letter["From"] = Address("", local, domain)
    letter["To"] = mail.to
    letter["Subject"] = " ".join(mail.subject.split())
    letter["Message-ID"] = make_msgid(domain=domain or None)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.text, cte="base64")
    return letter
