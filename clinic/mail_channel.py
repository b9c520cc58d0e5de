"""Sends notices as plain e-mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import make_msgid

from clinic.notice import Notice, NoticeNotDelivered
from clinic.settings import Settings

_TIMEOUT_SECONDS = 15


class MailChannel:
    """One mail server. A connection is opened for each notice: they are few."""

    name = "mail"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, notice: Notice) -> None:
        """Send the notice to its recipients. Raises `NoticeNotDelivered`, also when only one was refused."""
        try:
            with self._connect() as server:
                refused = server.send_message(self._write(notice))
        except smtplib.SMTPAuthenticationError as error:
            raise NoticeNotDelivered("The mail server refused the user or password.") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise NoticeNotDelivered("The mail server refused every recipient.") from error
        except smtplib.SMTPResponseException as error:
            raise NoticeNotDelivered(f"The mail server answered with the error {error.smtp_code}.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeNotDelivered(
                f"The mail server cannot be reached ({type(error).__name__})."
            ) from error
        if refused:
            raise NoticeNotDelivered(f"The mail server refused {len(refused)} of the recipients.")

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        address = (settings.smtp_host, settings.smtp_port)
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(*address, timeout=_TIMEOUT_SECONDS)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except BaseException:
            server.close()
            raise
        return server

    def _write(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.notice_from
        message["To"] = ", ".join(notice.recipients)
        message["Subject"] = notice.subject
        message["Message-ID"] = make_msgid(idstring=notice.id.strip("-_") or None, domain="console.invalid")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer, please
        message.set_content(notice.text)
        return message
