"""What the codes of people and of the import say: each sentence ends with what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PEOPLE_FAULTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "password_unchanged": _("新密码和现在的一样，请换一个。"),
        "wrong_password": _("现在的密码不对，请重输。"),
        "not_a_login": _("账号用小写字母和数字，中间可以有点、横线，%(least)s 到 %(limit)s 位。"),
        "login_taken": _("这个账号已经有人用了，请换一个。"),
        "no_such_unit": _("没有这个单位，或不归您管。请从列表里选。"),
        "held_above": _("这个人还属于您管辖以外的单位或在那里任职，请找上级管理员办理。"),
        "person_disabled": _("账号已停用。要先恢复账号。"),
        "has_password": _("这个人已经设过密码。忘了密码请用“重设密码”。"),
        "own_password": _("不能重设自己的密码。请在“我的账号”里修改。"),
        "last_administrator": _("%(unit)s再没有别的管理员能登录了。请先再指定一位，并请对方登录一次。"),
        "heir_needed": _("请选一位接手的人。"),
        "nobody_to_take_over": _("没有人可以接手。请先给别人这个角色，再回来办理。"),
        "nobody_to_invite": _("这个单位没有等待邀请的人。要换掉还没用过的链接，请勾选下面一项。"),
        "too_many_to_invite": _("一次最多 %(limit)s 人，请选下级单位分几次做。"),
        "not_a_workbook": _("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx 后再上传。"),
        "workbook_too_large": _("文件超过 %(mib)s MB。请删去图片，或分成几个文件。"),
        "workbook_old_or_locked": _("这是旧版 .xls 或加了密码的文件。请去掉密码，另存为 .xlsx。"),
        "workbook_too_full": _("文件里的内容太多。请只留三张表，去掉图片，或分成几个文件。"),
        "workbook_macros": _("文件带宏，不能导入。请另存为不带宏的 .xlsx。"),
        "workbook_links": _("文件引用了别的文件。请在“数据 - 编辑链接”里断开链接后再存。"),
        "workbook_again": _("上传的文件已经过期。请再上传一次。"),
        "sheet_twice": _("有两张叫“%(sheet)s”的表，请合成一张。"),
        "no_sheets": _("没有叫“单位”“人员”或“点位”的表。请用模板填写。"),
        "plan_changed": _("预检之后有别人改了设置，这份表现在对不上了，什么都没有导入。请再上传看一遍。"),
        "nothing_to_import": _("三张表里都没有内容。请从第 2 行开始填。"),
        "too_many_rows": _("从这一行起没有读。一张表最多到第 %(limit)s 行，请分成几个文件。"),
        "column_missing": _("缺少“%(column)s”这一列。请用模板的标题。"),
        "unknown_column": _("不认识这个标题。请用模板的标题，或删掉这一列；自己的说明写在“备注”列。"),
        "column_twice": _("这个标题出现了两次，请删掉一列。"),
        "formula": _("这一格是公式。请改成文字或数字（复制后“粘贴为值”）。"),
        "row_twice": _("和第 %(row)s 行重复，请删掉一行。"),
        "person_twice": _("和第 %(row)s 行是同一个人。不是同一个人的话，请分别填账号。"),
        "person_unclear": _("这个单位有几位同名的人。请填账号，说明是哪一位。"),
        "not_a_level": _("级别请从列表里选，例如“车间或部门”“班组”。"),
        "not_a_role": _("角色请从列表里选，例如“职工”“安全员”。"),
        "role_needed": _("填了任职单位，请再选角色；或把任职单位清空。"),
        "not_yes_or_no": _("请填“是”或“否”。"),
        "not_a_count": _("请填人数，只用数字，例如 36。"),
        "parent_needed": _("请填上级编号：您管着几个单位，系统不知道放在哪一个下面。"),
        "parent_in_circle": _("上下级绕成了圈。请检查这几行的上级编号。"),
        "no_such_unit_here": _("没有这个编号的单位，表里也没有。请核对编号，或先在“单位”表里加上。"),
        "not_by_import": _("和系统里的不一样，导入不改这一项。请在页面上改，或把这里改回原样。"),
    }
)
