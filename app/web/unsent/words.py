"""What a page says about a draft that waits: its state, why, what to do. The script itself has no words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

WORDS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "editing": _("没写完"),
        "queued": _("等网络"),
        "trying": _("正在发送"),
        "progress": _("正在发送 {n}/{of}"),
        "waiting": _("等一会儿自动再发"),
        "login": _("等登录"),
        "attention": _("需要处理"),
        "sent": _("已发出 {number}"),
        "photos": _("{n} 张照片"),
        "now": _("刚刚"),
        "minutes": _("{n} 分钟前"),
        "hours": _("{n} 小时前"),
        "days": _("{n} 天前"),
        "no-words": _("还没写说明"),
        "theirs": _("这一条是{name}写的，只有{name}看得到"),
        "why-network": _("没有网络，有网自动发出。"),
        "why-slow": _("网络太慢，过一会儿自动再发。"),
        "why-portal": _(
            "连上的网络要先登录（如宾馆、商场的无线网）。打开浏览器登录这个网络，或改用流量，就会自动发出。"
        ),
        "why-stranger": _("收到的不是本系统的答复，没有算数。过一会儿自动再发。"),
        "why-server": _("服务器出了问题，过一会儿自动再发。"),
        "why-busy": _("发得太密，服务器请稍等，过一会儿自动再发。"),
        "why-full": _("服务器暂时存不了，过一会儿自动再发。"),
        "why-upload": _("有照片要重新上传，过一会儿自动再发。"),
        "why-pass": _("匿名上报要重新登记一次，过一会儿自动再发。"),
        "why-token": _("页面停留太久，过一会儿自动再发。"),
        "why-compare": _("正在核对是不是已经交上，过一会儿再试。"),
        "turned": _("这一份可能已经收到，不能再在实名和匿名之间改。请改回去再交；一定要换的，删掉这份另写一条。"),
        "why-phone": _("手机这边出了错，过一会儿自动再发。"),
        "why-login": _("登录后自动发送。"),
        "why-other": _("这是{name}写的，{name}登录后自动发送；不会用别人的名字发出。"),
        "why-guests": _("这个点位现在不收没有账号的上报。请改用账号登录上报，或保存到文件交给安全员。"),
        "why-gone": _("没有找到这个地方或这条隐患，可能已经变动。请点“修改”重选地点，或保存到文件。"),
        "why-reused": _("这一份已经收到过，您后来改的还没有交。要补充的，点“修改”另报一条。"),
        "why-moved": _(
            "您没网的时候，别人已经先办了一步，这一步没有办成。照片和说明都还在，请打开隐患看最新情况。"
        ),
        "why-too_large": _("照片太大。请点“修改”删去或重拍。"),
        "why-no_photo": _("有一个文件不是能用的照片。请点“修改”换一张。"),
        "why-fields": _("有内容要改。请点“修改”。"),
        "why-forbidden": _("这个账号现在不能办这一步。请找安全员，或保存到文件。"),
        "why-refused": _("服务器读不懂这一份。请点“修改”再交一次，或保存到文件。"),
        "why-posted": _("手机存储不够，这一份已经直接交上去了。请到“我的上报”核对，收到了就把它删掉。"),
        "why-lost": _("手机把照片清掉了一部分。请点“修改”重拍。"),
        "cleared": _("有 {n} 张照片被手机清掉了，请重拍。其余的都还在。"),
        "held": _("这一份正在另一个页面里写，请到那一页接着写。"),
    }
)
"""By the key under which a page hands it to its script."""
