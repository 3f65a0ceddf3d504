"""Letters that no event asks for: the code that proves an e-mail address is read by its owner."""

from app.notifications.delivering import Ways
from app.notifications.language import N_, translation_into
from app.notifications.mail import AWAY, Mail


def send_code(ways: Ways, email: str, code: str, *, language: str) -> str | None:
    """Send the code now, while its person waits; None, or what kept it from being taken."""
    if ways.mail is None:
        return AWAY
    translate = translation_into(language)
    subject = translate(N_("隐患随手拍：邮箱验证码"))
    lines = (
        translate(N_("您的邮箱验证码是 %(code)s，一小时内有效。")) % {"code": code},
        translate(N_("如果不是您本人操作，请不用理会这封信，也不要把验证码告诉别人。")),
    )
    return ways.mail.send([Mail(email, subject, "\n\n".join(lines))])[0]
