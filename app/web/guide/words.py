"""What each role is told on its one page of help: what to do, in the order of the work."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.accounts.permissions import Role

MENU: Final[Mapping[str, LazyString]] = {"guide": _("帮助")}


class Step(NamedTuple):
    """One thing to do; `menu` is the code of the menu line that leads there, when the reader has it."""

    what: LazyString
    how: LazyString
    menu: str = ""


class Guide(NamedTuple):
    """One role's page."""

    role: LazyString
    steps: tuple[Step, ...]
    promise: LazyString


GUIDES: Final[Mapping[Role, Guide]] = {
    Role.WORKER: Guide(
        _("职工"),
        (
            Step(_("先站稳，再拍照"), _("自己安全最要紧。一张看全，一张看细；防爆、高处区域勿拍照。"), "report"),
            Step(_("说清在哪里"), _("扫墙上的点位码最快；没有码，就写两句位置。"), "report"),
            Step(_("有编号才算报上"), _("没看到编号，就再点一次上报，不会重复。"), "mine"),
            Step(_("看进展"), _("补充、申诉、异议都在“我的上报”里。"), "mine"),
            Step(_("不想留名"), _("选“匿名”，记下领奖码：凭码跟进，也能领积分。"), "follow"),
        ),
        _("上报不会挨罚，报错了也不扣分。"),
    ),
    Role.OFFICER: Guide(
        _("安全员"),
        (
            Step(_("每天先看待办"), _("逾期在最上面，再是今日到期、待受理、待复查。"), "inbox"),
            Step(
                _("24 小时内走第一步"), _("受理、退回补充、转办、合并或不予受理，理由写给上报人看。"), "submitted"
            ),
            Step(_("受理就要落实到人"), _("级别、整改人、措施、期限。重大隐患五落实，先管控再整改。"), "inbox"),
            Step(_("复查要到现场"), _("整改人和上报人不能复查。对照前后照片，合格才闭环。"), "reviewing"),
            Step(_("要书面的就开通知书"), _("多条隐患开一张，打印或下载 PDF；复查意见书也在那里。"), "papers"),
            Step(_("休假先设代理"), _("派单和提醒都转给代理人，一条也不会没人管。"), "absence"),
        ),
        _("不能办的步骤，旁边写着原因，以及怎样才能办。"),
    ),
    Role.RECTIFIER: Guide(
        _("整改责任人"),
        (
            Step(_("先签收"), _("看清措施和期限，签收后由您负责。"), "inbox"),
            Step(_("来不及就早说"), _("到期前申请延期，写明原因；批准后按新期限算。"), "inbox"),
            Step(_("改完站在老地方拍"), _("和整改前同一个角度，写清做了什么，再提交。"), "inbox"),
            Step(_("退回了别着急"), _("看复查意见和新期限，改好再交一次。"), "inbox"),
        ),
        _("按期看的是整改完成的时间，复查慢不算您逾期。"),
    ),
    Role.HEAD: Guide(
        _("负责人"),
        (
            Step(_("盯住逾期"), _("逾期 3 天会报到您这里，可以直接催办。"), "overdue"),
            Step(_("重大隐患由您把关"), _("五落实要齐；双报告都登记了，由您或上级闭环。"), "inbox"),
            Step(_("重大的延期由您批"), _("原定期限一直留着，批准的延期算按期。"), "inbox"),
            Step(_("看数据，也看得分"), _("每个数字都能点开到隐患和照片。"), "numbers"),
        ),
        _("职工上报再多，也不会拉低本单位得分。"),
    ),
    Role.REVIEWER: Guide(
        _("竞赛办公室"),
        (
            Step(_("打开本月得分"), _("七个部分，每个数字都能点开到隐患。"), "statement"),
            Step(_("看清没启用的项目"), _("标着“未启用”的按满分计，启用后才算真分。"), "statement"),
            Step(_("申诉要裁定"), _("上报人对不予受理不服的，由上级或工会裁定一次。"), "contested"),
            Step(_("留一份台账"), _("按月、按单位筛选，下载 Excel。"), "register"),
        ),
        _("得分从原始记录算起，谁来重算都一样。"),
    ),
    Role.ADMIN: Guide(
        _("管理员"),
        (
            Step(_("建单位"), _("企业、车间、班组，填上人数。"), "setup"),
            Step(_("请人进来"), _("发邀请链接或二维码；人多就用 Excel 导入，先试算再写入。"), "people"),
            Step(_("贴点位码"), _("一张 A4 印多个，贴到墙上，扫码就知道在哪里。"), "places"),
            Step(_("定派单规则"), _("哪类隐患、在哪里、归谁管；改完马上试一试。"), "rules"),
            Step(_("接上消息"), _("邮箱、企业微信、钉钉、飞书，先发一条试试。"), "channels"),
            Step(_("查变更记录"), _("谁在什么时候改了什么，改前改后都在。"), "setup"),
        ),
        _("有人离开，就停用账号；他手上的隐患在同一步交给别人。"),
    ),
}
