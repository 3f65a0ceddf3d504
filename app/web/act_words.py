"""The words of the moves' forms: what a move does, what its inputs ask, and what is said when it is done."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

SAYS: Mapping[str, LazyString] = {
    "ask": _("上报人会看到您的问题；答复后，隐患回到待受理。"),
    "answer": _("写几句话，或补一张照片。答复后，安全员接着办。"),
    "withdraw": _("撤回后不再处理，也不能恢复。同一处隐患可以重新上报。"),
    "appeal": _("申诉由上级单位或工会裁定，每条隐患只能申诉一次。"),
    "decide_appeal": _("申诉成立，就由上级单位接着办；维持原决定，就是最终决定。"),
    "transfer": _("转办后由接收单位的安全员受理。接收单位可以退回一次，再转要由共同上级指定。"),
    "return_transfer": _("退回后由原单位办理，只能退回一次。"),
    "merge": _("合并后，上报人跟着看那条隐患的进展；重复上报不加分，也不扣分。30 天内可以取消合并。"),
    "unmerge": _("取消合并后，这条隐患单独办理，回到待受理。"),
    "fix_on_the_spot": _("受理和整改一步办完，只用于能马上改好的一般隐患。之后仍要另一位安全员复查。"),
    "acknowledge": _("签收后由您负责在期限前整改。"),
    "recategorize": _("改了类别，会按派单规则重新确定由谁受理；换了人，会告诉对方。"),
    "reassign": _("新的整改人要重新签收，期限不变。"),
    "remind": _("整改人会收到催办，经过里留下记录。"),
    "request_extension": _("批准之前仍按现在的期限。首次期限一直保留在隐患上。"),
    "decide_extension": _("同意后按新的期限；首次期限仍然保留。不同意，期限不变。"),
    "record_dual_report": _(
        "安全生产法第四十一条：重大隐患的排查治理情况，要向监管部门和职工大会或职代会报告。两份都登记了才能闭环。"
    ),
    "void": _("撤销后按不予受理结束，已发的积分冲回；上报人可以申诉。"),
    "object": _(
        "您认为没有整改好，闭环后 30 天内可以提出，最好拍一张现在的样子。安全员或上级会核实：重新整改，"
        "或说明理由驳回；结果会发消息告诉您。提异议不扣分。"
    ),
    "reopen": _("重开后回到整改中；整改人不变，除非另选一位。"),
    "dismiss_objection": _("驳回后闭环不变，上报人会看到理由。"),
}
"""What a move does, said before it is made."""

BUTTONS: Mapping[str, LazyString] = {
    "ask": _("退回，请上报人补充"),
    "answer": _("交补充"),
    "appeal": _("提交申诉"),
    "decide_appeal": _("作出裁定"),
    "fix_on_the_spot": _("已改好，提交"),
    "decide_extension": _("批复"),
    "record_dual_report": _("登记"),
    "close": _("合格，闭环"),
    "send_back": _("退回整改"),
}
"""What the button says where it is not the move's own name."""

LABELS: Mapping[str, LazyString] = {
    "text": _("说明"),
    "ask.text": _("要补充什么"),
    "answer.text": _("您的补充"),
    "reject.text": _("对上报人说清楚"),
    "appeal.text": _("为什么不同意"),
    "decide_appeal.text": _("裁定理由"),
    "transfer.text": _("为什么转"),
    "return_transfer.text": _("为什么退回"),
    "unmerge.text": _("为什么拆开"),
    "reassign.text": _("为什么改派"),
    "request_extension.text": _("为什么来不及"),
    "decide_extension.text": _("批复意见（可不填）"),
    "send_back.text": _("哪里不合格"),
    "void.text": _("为什么撤销"),
    "object.text": _("哪里没有改好"),
    "reopen.text": _("为什么重开"),
    "dismiss_objection.text": _("驳回理由"),
    "decision": _("决定"),
    "reason": _("理由"),
    "unit": _("转给哪个单位"),
    "master": _("和哪一条是同一处"),
    "level": _("级别"),
    "category": _("类别"),
    "factor": _("成因"),
    "rectifier": _("谁来整改"),
    "fix_on_the_spot.rectifier": _("谁动手改的"),
    "reopen.rectifier": _("换一位整改人（可不选）"),
    "measures": _("整改措施"),
    "deadline": _("整改期限"),
    "request_extension.deadline": _("申请延到"),
    "funds": _("资金"),
    "emergency_plan": _("应急预案"),
    "interim_control": _("临时管控"),
    "done": _("改了什么"),
    "finished_at": _("完成时间"),
    "cost": _("花费（元，可不填）"),
    "conclusion": _("复查结论"),
    "to": _("报告给谁"),
    "on": _("报告日期"),
    "document": _("文号或名称（可不填）"),
}
"""What an input asks: of this move (`move.field`), else of any."""

HINTS: Mapping[str, LazyString] = {
    "reject.text": _("上报人会看到这段话，并可在 5 个工作日内申诉一次。"),
    "send_back.text": _("整改人会看到这段话，写清还要改什么。"),
    "ask.text": _("写清缺什么，例如具体位置、哪台设备。"),
    "decide_appeal.text": _("上报人和原单位都会看到。"),
    "reassign.text": _("新老整改人都会看到。"),
    "void.text": _("上报人会看到这段话。"),
    "level": _("能马上改的是一般；要停产停业、花时间治理，或本单位自己除不掉的是重大。"),
    "conclusion": _("写您到现场看到的情况。合格即闭环。"),
    "unit": _("本企业的单位，或您管辖范围内的单位。"),
    "master": _("同一单位在办的隐患，最像的排在前面。"),
    "funds": _("要花多少钱，从哪里列支。"),
    "emergency_plan": _("整改期间万一出事怎么办：怎么断电、撤人，找谁。"),
    "interim_control": _("整改完成前怎么保证安全：停用、围挡、挂牌、专人看守。"),
    "on": _("报送的那一天，或职代会开会的那一天。"),
}
"""What helps to fill an input in."""

PLACEHOLDERS: Mapping[str, LazyString] = {
    "measures": _("例：更换门锁，线头压接后装盖板"),
    "funds": _("例：2.4 万元，安全费用列支"),
    "emergency_plan": _("例：断开 A3 线总开关，人员撤到东门，报王敏"),
    "interim_control": _("例：停机、挂牌、围挡，专人看守"),
    "done": _("例：已换锁，线头压接并加盖板"),
    "document": _("例：华机安〔2026〕18 号"),
}

CAMERA: Mapping[str, LazyString] = {
    "rectify": _("拍整改后"),
    "fix_on_the_spot": _("拍整改后"),
    "answer": _("补拍照片"),
    "object": _("拍现在的样子"),
}
"""What a move's photos show."""

NOTICES: Mapping[str, LazyString] = {
    "ask": _("已退回补充，上报人会看到您的问题。"),
    "answer": _("补充已交，安全员会接着办。"),
    "accept": _("已受理并派发，整改人会看到这项任务。"),
    "reject": _("已答复不予受理，上报人会看到理由。"),
    "recategorize": _("已改类别，并按派单规则重新确定安全员。"),
    "appeal": _("申诉已提交，由上级单位或工会裁定。"),
    "decide_appeal": _("申诉已裁定，上报人会看到结果。"),
    "transfer": _("已转办。"),
    "return_transfer": _("已退回原单位。"),
    "merge": _("已合并，上报人会跟着看那条隐患。"),
    "unmerge": _("已取消合并，回到待受理。"),
    "fix_on_the_spot": _("已按即查即改提交，等安全员复查。"),
    "fix_on_the_spot_by_officer": _("已按即查即改提交，等另一位安全员复查。"),
    "reassign": _("已改派，新的整改人会看到这项任务。"),
    "request_extension": _("延期申请已提交，批准前仍按现在的期限。"),
    "decide_extension": _("延期已批复，整改人会看到结果。"),
    "record_dual_report": _("双报告已登记。"),
    "rectify": _("整改已提交，等安全员复查。"),
    "rectify_by_officer": _("整改已提交，等另一位安全员复查。"),
    "rectify_major": _("整改已提交，等单位负责人或上级复查。"),
    "close": _("复查合格，隐患已闭环。"),
    "send_back": _("已退回整改，整改人会看到哪里不合格。"),
    "acknowledge": _("已签收，请在期限前整改。"),
    "remind": _("已催办。"),
    "withdraw": _("已撤回这条上报。"),
    "void": _("已撤销受理，上报人会看到理由。"),
    "object": _("异议已提交，安全员或上级会核实。"),
    "reopen": _("已重开，整改人会看到这项任务。"),
    "dismiss_objection": _("异议已驳回，上报人会看到理由。"),
    "done": _("已办好。"),
    "gone": _("%(number)s 已转到%(unit)s，由那里的安全员接着办。"),
}
"""What has just been done, and what happens next; `done` for a move that has no sentence of its own."""


def of_move(texts: Mapping[str, LazyString], action: str, field: str) -> str:
    """The text for this move's field, else for the field, else empty."""
    return str(texts.get(f"{action}.{field}", texts.get(field, "")))
