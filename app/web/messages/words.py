"""The words of this room: topics, robots, faults of deliveries, and what has just been done."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.notifications.kinds import Topic
from app.notifications.robots import Robot


class TopicWord(NamedTuple):
    """A topic's name and what belongs to it."""

    name: LazyString
    about: LazyString


MENU: Final[Mapping[str, LazyString]] = MappingProxyType({"messages": _("消息"), "channels": _("群机器人")})
TOPICS: Final[Mapping[Topic, TopicWord]] = MappingProxyType(
    {
        Topic.NEW: TopicWord(_("新隐患"), _("新上报、转来、补充和移交")),
        Topic.MINE: TopicWord(_("我上报的进展"), _("受理、补充、合并、闭环")),
        Topic.REPAIR: TopicWord(_("整改任务"), _("派给我、改派、退回、延期结果")),
        Topic.REVIEW: TopicWord(_("待我办理"), _("复查、批延期")),
        Topic.CLOCKS: TopicWord(_("催办与期限"), _("催办、临期、逾期、超 24 小时未受理")),
        Topic.CONTESTED: TopicWord(_("申诉与异议"), _("提出和裁定")),
        Topic.MAJOR: TopicWord(_("重大隐患"), _("立案、双报告、挂牌督办")),
        Topic.DIGEST: TopicWord(_("每日待办"), _("下面开着每日汇总时，也发到邮箱")),
    }
)
GROUP_TOPICS: Final[Mapping[Topic, TopicWord]] = MappingProxyType(
    {
        Topic.NEW: TopicWord(_("新隐患"), _("新上报、转来")),
        Topic.REPAIR: TopicWord(_("整改"), _("已受理、退回、重开")),
        Topic.REVIEW: TopicWord(_("复查"), _("整改已提交")),
        Topic.MINE: TopicWord(_("闭环"), _("整改复查合格")),
        Topic.CLOCKS: TopicWord(_("催办与期限"), _("催办、临期、逾期、超 24 小时未受理")),
        Topic.CONTESTED: TopicWord(_("申诉与异议"), _("提出申诉或异议")),
        Topic.MAJOR: TopicWord(_("重大隐患"), _("立案、挂牌督办")),
    }
)
ROBOTS: Final[Mapping[Robot, LazyString]] = MappingProxyType(
    {Robot.WECOM: _("企业微信"), Robot.DINGTALK: _("钉钉"), Robot.FEISHU: _("飞书")}
)
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"zh": "中文", "en": "English"})
_NOT_REACHED: Final = _("连不上对方的服务器。请核对地址，过一会儿再试。")
FAULTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "too_fast": _("发得太快，机器人暂时不收。系统会等一会儿自动再发。"),
        "robot_key": _("机器人不认这个地址。可能已在群里被删除，请重新复制 Webhook 地址。"),
        "robot_signature": _("签名不对。请重新复制加签密钥，并核对服务器时间。"),
        "robot_keyword": _("消息里没有机器人要求的关键词。请在这里填上同样的关键词。"),
        "robot_address_range": _("机器人只收指定 IP 的消息。请把本服务器的出口 IP 加进去。"),
        "robot_too_long": _("消息太长，机器人不收。"),
        "robot_away": _("对方的服务器暂时有故障，系统会自动再发。"),
        "robot_other": _("机器人没有收，也没有说清原因。请核对 Webhook 地址。"),
        "robot_removed": _("机器人已移除。"),
        "too_old": _("超过两天没有发出去，不再发了。"),
        "outgoing_address": _("Webhook 地址的格式不对。"),
        "outgoing_scheme": _("Webhook 地址要以 https:// 开头。"),
        "outgoing_port": _("这个端口不允许访问。内网机器人请先由总管理员登记。"),
        "outgoing_private": _("这是内网或本机地址，默认不允许访问。确实要用，请总管理员登记这个地址。"),
        "outgoing_unresolved": _("找不到这个域名。请核对地址。"),
        "outgoing_redirects": _("对方一再跳转，没有发出去。请核对地址。"),
        "outgoing_downgrade": _("对方要求改用不加密的连接，没有发出去。"),
        "outgoing_timeout": _("对方太久没有回应，系统会自动再发。"),
        "outgoing_tls": _("对方的证书有问题，没有发出去。"),
        "outgoing_unreachable": _NOT_REACHED,
        "outgoing_broken": _NOT_REACHED,
        "mail_refused": _("邮件服务器不收这个邮箱的信。请本人核对邮箱地址。"),
        "mail_later": _("邮件服务器暂时不收这一封，系统会自动再发。"),
        "mail_away": _("邮件服务器暂时连不上，系统会自动再发。"),
        "mail_login": _("邮件服务器的账号或密码不对。请运维核对 SMTP_URL。"),
        "mail_insecure": _("邮件服务器不支持加密连接，没有发。请运维核对 SMTP_URL。"),
        "mail_not_wanted": _("收件人已不再接收邮件。"),
    }
)
"""What a fault means, and what can be done; the robots' and the door's codes, and the mail server's."""
NOTICES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "messages_read": _("已全部标为已读。"),
        "message_out_of_reach": _("这条隐患已不在您的查看范围。"),
        "preferences_kept": _("已保存。"),
        "code_sent": _("验证码已发到邮箱，一小时内有效。"),
        "code_not_sent": _("验证码没有发出去。请核对邮箱，或请运维检查邮件服务器。"),
        "address_confirmed": _("邮箱已确认，以后会给您发邮件。"),
        "address_forgotten": _("邮箱已删除，不再发邮件。"),
        "channel_added": _("机器人已添加。发一条试试，看群里收到没有。"),
        "channel_changed": _("机器人设置已保存。"),
        "channel_removed": _("机器人已移除，密钥已清除。"),
        "trial_sent": _("机器人已收下，请到群里看看。"),
        "again_waiting": _("没发出去的会马上再发。"),
        "host_listed": _("已登记，可以访问。"),
        "host_unlisted": _("已取消登记。"),
    }
)
