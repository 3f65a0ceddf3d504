"""What each stable code says to a person: Chinese is the source, other languages come from the catalogs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.errors import Fault, NotOpen, NotSignedIn, Problem, TooLarge, UnsupportedMedia
from app.edge.fields import limits_in_force
from app.edge.wording_moves import not_open_sentence
from app.edge.wording_people import PEOPLE_FAULTS
from config import MIB

CATEGORY_NAMES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "ELEC": _("用电"),
        "FIRE": _("消防"),
        "MECH": _("机械"),
        "HIGH": _("高处临边"),
        "TRAF": _("厂内交通"),
        "CHEM": _("危化品"),
        "LIFT": _("起重吊装"),
        "SPEC": _("特种设备"),
        "GASH": _("燃气动火"),
        "CONF": _("有限空间"),
        "DUST": _("粉尘涉爆"),
        "OCCH": _("职业健康"),
        "STRU": _("建筑与作业环境"),
        "PPEQ": _("劳动防护"),
        "BEHV": _("三违"),
        "MGMT": _("安全管理"),
        "FOOD": _("食品"),
        "MEDI": _("医疗与放射"),
        "WEAT": _("防汛防雷"),
        "SECU": _("治安值守"),
        "OTHR": _("其他"),
    }
)
"""The 21 categories in the order they are offered: what a shop floor meets most comes first (domain.md §6)."""

PROBLEMS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "bad_request": _("请求读不懂。请刷新页面后重试。"),
        "not_signed_in": _("请先登录。"),
        "forbidden": _("您没有这项权限。如需办理，请找本单位安全员或管理员。"),
        "csrf": _("页面停留太久，已失效。请返回刷新后再提交，填写的内容请先复制。"),
        "not_found": _("没有找到，或不在您的单位范围内。请核对编号。"),
        "not_open": _("这一步现在不能办。"),
        "version_conflict": _("刚刚有人先办了一步。请刷新后再看。"),
        "client_id_reused": _("这份上报已经收到过，但内容不同。请重新打开上报页再报。"),
        "invalid": _("有几处需要修改。"),
        "too_large": _("文件太大。"),
        "unsupported_media": _("这不是能用的照片。请用 JPEG、PNG、WebP、HEIC 或 AVIF 格式。"),
        "offset_conflict": _("照片续传的位置对不上，请重新核对后接着传。"),
        "not_a_piece": _("照片片段的格式不对。"),
        "length_unsaid": _("照片片段没有说明长度。请刷新页面后重试。"),
        "protocol_unknown": _("上传方式的版本不对。请刷新页面后重试。"),
        "piece_altered": _("照片在路上传坏了一段，请重传这一段。"),
        "upload_altered": _("照片传到后与原件不一致，没有留下。请重新上传。"),
        "too_many": _("太频繁了，请过一会儿再试。"),
        "uploads_full": _("已经上传、还没上报的照片太多了，暂时传不了。可以随上报一起交，或过一会儿再试。"),
        "unavailable": _("暂时存不了，还没有收到您的上报。请稍等再试。"),
        "out_of_space": _("存储空间已满，还没有收到您的上报。请告诉管理员。"),
        "method_not_allowed": _("这个地址不支持这种操作。"),
        "internal": _("系统出错了，已记录。请稍后再试。"),
    }
)
"""One title per problem code."""
LIMITS: Final = _("单张照片不超过 %(photo)s MB，一次总共不超过 %(whole)s MB。")
"""What `too_large` goes on to say."""

NOT_A_DOCUMENT: Final = _("附件要用 PDF，或拍下文件的照片。")
"""What `unsupported_media` says of a document."""

SIGN_IN_REASONS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "wrong_password": _("账号或密码不对。"),
        "pass_expired": _("匿名凭证已过期。请重新打开上报页。"),
        "pass_spent": _("匿名凭证已用过。请重新打开上报页再报。"),
        "token_ended": _("登录已失效，请重新登录。"),
    }
)

FAULTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        **PEOPLE_FAULTS,
        "required": _("请填写这一项。"),
        "one_of_required": _("请选择一位整改责任人，或填写姓名。"),
        "required_for_major": _("重大隐患必须填写这一项（五落实）。"),
        "not_of_this_action": _("这一步不用填这一项。"),
        "one_rectifier_only": _("账号和姓名只填一个。"),
        "not_a_choice": _("请从所列选项中选一个。"),
        "text_or_photo": _("请写几句话，或补一张照片。"),
        "photo_required": _("请至少拍一张。不能拍的区域，退到安全处拍点位牌或远景，再写清楚。"),
        "too_many_photos": _("一次最多 %(limit)s 张照片，请删去几张。"),
        "photo_again": _("照片没有留在服务器上，请重新添加。"),
        "photo_missing": _("第 %(n)s 张照片没有收到，请重新添加。"),
        "document_again": _("附件没有留在服务器上，请重新选择。"),
        "photo_undeclared": _("有照片没有在清单里说明。"),
        "empty_photo": _("这张照片是空的，请重拍。"),
        "location_missing": _("请选点位，或写明地点。"),
        "what_missing": _("请选择类别，或说说哪里不安全。"),
        "claim_needs_anonymous": _("只有匿名上报才用领奖码。"),
        "not_a_claim_hash": _("领奖码的格式不对。"),
        "needs_pass": _("匿名上报需要一次性凭证，请求里不能带账号。"),
        "pass_is_for_anonymous": _("一次性凭证只用于匿名上报。"),
        "needs_place": _("没有账号时，请先扫现场的二维码。"),
        "unknown_place": _("没有这个点位，或它不属于您的单位。请核对二维码下方的编号。"),
        "unknown_unit": _("没有这个单位，或不能转给它。"),
        "same_unit": _("已经在这个单位了。"),
        "same_category": _("已经是这个类别了。"),
        "category_hidden": _("本单位已隐藏这个类别，请先在类别里恢复显示。"),
        "unknown_spot": _("没有这个点位或区域，或它不属于这个单位。请重新选择。"),
        "unknown_officer": _("请从本单位或上级的安全员里选一位。"),
        "unit_or_place": _("请选点位，或选上报人所在单位。"),
        "unknown_master": _("本单位没有这条隐患。请核对编号。"),
        "same_hazard": _("不能并入它自己。"),
        "master_is_ended": _("那条隐患已经结束，请选一条在办的。"),
        "unknown_rectifier": _("本企业没有这个账号。请重新选择，或填写姓名。"),
        "deadline_passed": _("期限已过，请选以后的时间。"),
        "deadline_too_far": _("期限太远，最多 %(days)s 天。"),
        "deadline_not_later": _("新期限要晚于现在的期限。"),
        "finished_before_accepted": _("完成时间不能早于受理时间。"),
        "finished_in_future": _("完成时间不能晚于现在。"),
        "day_in_future": _("日期不能晚于今天。"),
        "absence_ends_before": _("最后一天不能早于第一天。"),
        "absence_is_over": _("这段时间已经过去，请选今天或以后。"),
        "absence_too_long": _("一次最多 %(days)s 天；更久的，请办理交接。"),
        "absence_overlaps": _("这段时间里已经登记过请假。请先取消原来的，或改日期。"),
        "no_duty_to_stand_in": _("这个人不是安全员或负责人，不需要代理。"),
        "unknown_deputy": _("这个人不能代理：要是本单位或上级有同样职责的人。"),
        "deputies_in_circle": _("代理转了一圈又回到请假人自己。请另选一位。"),
        "too_long": _("太长了，最多 %(limit)s 个字。"),
        "too_short": _("太短了，至少 %(limit)s 个字符。"),
        "not_a_text": _("这里要填文字。"),
        "control_characters": _("文字里有看不见的控制字符，请删去后重填。"),
        "not_a_number": _("这里要填数字。"),
        "not_an_amount": _("请填金额，最多两位小数。"),
        "out_of_range": _("数值超出范围。"),
        "position_impossible": _("坐标不对，请重新标注。"),
        "not_an_instant": _("时间格式不对。"),
        "instant_needs_zone": _("时间要带时区。"),
        "not_a_day": _("日期格式不对，请用 年-月-日。"),
        "not_a_flag": _("这里只能是 true 或 false。"),
        "not_a_uuid": _("上报编号的格式不对，请重新打开上报页。"),
        "not_a_sha256": _("照片校验码的格式不对。"),
        "not_a_list": _("这里要填列表。"),
        "not_an_object": _("这里要填一组字段。"),
        "not_understood": _("这一项读不懂，请重填。"),
        "unknown_field": _("没有这个字段。"),
        "not_a_cursor": _("翻页位置不对，请从第一页开始。"),
        "not_a_month": _("月份格式不对，请用 年-月。"),
        "passwords_differ": _("两次输入的密码不一样。"),
        "not_a_code": _("编号只用字母、数字和中间的连字符，最多 %(limit)s 位。"),
        "code_taken": _("这个编号已经用过，请换一个。"),
        "kind_above_parent": _("级别不能高于上级单位。"),
        "unit_retired": _("这个单位已停用。"),
        "unknown_zone": _("没有这个时区，例如：Asia/Shanghai。"),
        "position_half": _("纬度和经度要一起填，或都不填。"),
        "kind_below_children": _("级别不能低于下级单位。"),
        "unit_has_units": _("还有 %(count)s 个下级单位在用，请先停用或移走。"),
        "unit_has_people": _("还有 %(count)s 人在这个单位或在这里任职，请先调走或停用账号。"),
        "unit_has_hazards": _("还有 %(count)s 条隐患没有办完，请先闭环或转办。"),
        "no_hazard_chosen": _("请至少选一条隐患。"),
        "too_many_hazards": _("一份通知书最多写 %(limit)s 条隐患，请分几份。"),
        "not_under_way": _("%(number)s 不在整改或待复查中，不能写进通知书。"),
        "several_enterprises": _("这些隐患不属于同一家企业，请分开出通知书。"),
        "reinspection_too_early": _("复查日期不能早于 %(day)s。"),
        "enforcement_word": _("这是企业自己的通知，不用行政执法用语“%(word)s”，请改写。"),
        "reporter_named": _("上报人姓名不写进通知书，请改写。"),
        "phone_number": _("上报人留的电话不写进通知书，请改写。"),
        "nothing_reinspected": _("通知书里的隐患还没有复查结果，复查后再出意见书。"),
        "months_reversed": _("截止月份不能早于起始月份。"),
        "too_many_lines": _("共 %(lines)s 行，一次最多导出 %(limit)s 行，请缩小月份或单位。"),
        "not_hideable": _("没有这个类别。"),
        "rectifiers_stay_behind": _(
            "有 %(count)s 条未了隐患的整改责任人在原企业，移走后就办不了。"
            "请先把这些隐患改派给这个单位自己的人，或移到同一企业内。"
        ),
        "nobody_hears_there": _("有 %(count)s 条未了隐患，新上级没有安全员接手。请先给新上级指定安全员。"),
        "unit_in_itself": _("单位不能移到自己或下级里。"),
        "too_few_corners": _("区域至少要三个角点。"),
        "crosses_itself": _("区域的边线互相交叉了，请按顺序重新标角点。"),
        "area_too_small": _("区域太小，不到 %(limit)s 平方米。请核对坐标。"),
        "area_too_large": _("区域太大，超过 %(limit)s 平方千米。请核对坐标。"),
        "too_many_corners": _("角点太多，最多 %(limit)s 个。"),
        "not_a_position": _("坐标读不懂。请写：纬度,经度，例如 38.0431,114.5032。"),
        "position_swapped": _("纬度和经度写反了：纬度在前，不超过 90 度。"),
        "not_a_corner": _("第 %(line)s 行读不懂。每行写一个角点：纬度,经度。"),
        "other_always_shown": _("“其他”必须保留，否则有的隐患没有类别可选。"),
        "not_an_address": _("这不像一个邮箱地址，请核对。"),
        "wrong_code": _("验证码不对，或已过期。请再核对，或重新发一个。"),
        "robot_known": _("这个单位已有用这个 Webhook 地址的机器人，不用再加一个。"),
        "not_a_webhook": _("Webhook 地址要完整，以 https:// 开头。"),
        "choose_one": _("请至少选一项。"),
        "not_a_host": _("请填域名、IP 地址或网段，例如 10.1.0.0/16。"),
        "headcount_day_far": _("生效日期离今天太远，请核对。"),
    }
)
"""One sentence per fault code; what the person can do about it."""


def title_of(problem: Problem) -> str:
    """The problem's one sentence, in the request's language."""
    if isinstance(problem, NotSignedIn) and problem.values.get("reason") in SIGN_IN_REASONS:
        return str(SIGN_IN_REASONS[str(problem.values["reason"])])
    if isinstance(problem, NotOpen):
        return not_open_sentence(problem)
    if isinstance(problem, UnsupportedMedia) and problem.values.get("what") == "document":
        return str(NOT_A_DOCUMENT)
    if isinstance(problem, TooLarge):
        limits = limits_in_force()
        most = {"photo": limits.photo_bytes // MIB, "whole": limits.multipart_bytes // MIB}
        return str(PROBLEMS[problem.code]) + str(LIMITS) % most
    return str(PROBLEMS[problem.code])


def sentence_of(fault: Fault) -> str:
    """The fault's sentence with its values, in the request's language."""
    return str(FAULTS[fault.code]) % dict(fault.values)
