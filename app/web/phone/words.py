"""What is said about trying the house on a phone; names of menus are those of Android 14 and iOS 17."""

from typing import Final, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


class Kind(NamedTuple):
    """One kind of phone."""

    phone: LazyString
    trust: tuple[LazyString, ...]
    remove: tuple[LazyString, ...]


KINDS: Final = (
    Kind(
        _("安卓手机"),
        (
            _("点下面的“下载证书”。"),
            _("打开 设置，搜“CA 证书”，点 安装 CA 证书，选刚下载的 hazard-snap.crt。"),
            _("没有锁屏密码的手机会先要求设一个。"),
            _("在 设置 里搜“信任的凭据”，“用户”一栏里点开它，核对 SHA-256；不一样就马上移除。"),
            _("用 Chrome 重新打开本页：不再警告，就可以用了。"),
        ),
        (
            _("打开 设置，搜“信任的凭据”（或“用户凭据”），进“用户”一栏。"),
            _("点名字以 Hazard Snap trial 开头的那一条，点 移除。"),
        ),
    ),
    Kind(
        _("苹果手机"),
        (
            _("用 Safari 打开本页，点下面的“下载证书”，点 允许。"),
            _("打开 设置，点最上面的“已下载描述文件”，点 更多详细信息 核对指纹，再点 安装。"),
            _("再到 设置 › 通用 › 关于本机 › 证书信任设置，打开名字以 Hazard Snap trial 开头的那一条。"),
            _("用 Safari 重新打开本页：不再警告，就可以用了。"),
        ),
        (
            _("打开 设置 › 通用 › VPN与设备管理。"),
            _("点名字以 Hazard Snap trial 开头的那一条，点 移除描述文件。"),
        ),
    ),
)
