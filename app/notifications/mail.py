"""E-mail by SMTP: plain text to one person at a time; no header can be smuggled in, and nothing is logged here."""

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

ADDRESS: Final = re.compile(
    r"[^@\s<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
SECONDS: Final = 15.0
REFUSED: Final = "mail_refused"
AWAY: Final = "mail_away"
LOGIN: Final = "mail_login"
INSECURE: Final = "mail_insecure"
FOR_GOOD: Final = frozenset({REFUSED})
"""Faults that trying again does not mend."""


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
        try:
            with self._connection() as line:
                return tuple(self._one(line, mail) for mail in mails)
        except smtplib.SMTPAuthenticationError:
            return (LOGIN,) * len(mails)
        except smtplib.SMTPNotSupportedError:
            # A server without STARTTLS would get name, password and words in clear.
            return (INSECURE,) * len(mails)
        except ssl.SSLError:
            return (INSECURE,) * len(mails)
        except (smtplib.SMTPException, OSError):
            return (AWAY,) * len(mails)

    def _connection(self) -> smtplib.SMTP:
        if self.security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=self.trust())
        else:
            line = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security == "starttls":
                line.starttls(context=self.trust())
            if self.user:
                line.login(self.user, self.password)
        except BaseException:
            line.close()
            raise
        return line

    def _one(self, line: smtplib.SMTP, mail: Mail) -> str | None:
        try:
            line.send_message(written(mail, sender=self.sender), self.sender, [mail.to])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as fault:
            return REFUSED if _is_for_good(fault) else AWAY
        except (smtplib.SMTPException, OSError):
            return AWAY
        return None


def _is_for_good(fault: Exception) -> bool:
    """Whether the server's own number says that it will never take this (5xx)."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in fault.recipients.values())  # noqa: PLR2004  # SMTP's own number
    return isinstance(fault, smtplib.SMTPResponseException) and fault.smtp_code >= 500  # noqa: PLR2004


def is_address(text: str) -> bool:
    """Whether this can be one person's address; a comma, a bracket or a line break cannot."""
    return ADDRESS.fullmatch(text) is not None


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
