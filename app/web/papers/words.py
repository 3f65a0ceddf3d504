"""The words around papers and register; the papers themselves are Chinese (`app.papers.words`)."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.papers.exports import ExportFault
from app.papers.models import FileStatus, PaperKind
from app.papers.printing import PrintFault

MENU: Final[Mapping[str, LazyString]] = {"papers": _("通知书"), "register": _("台账")}
NOTICES: Final[Mapping[str, LazyString]] = {
    "notice_issued": _("通知书已签发，PDF 正在生成。"),
    "opinion_issued": _("复查意见书已签发，PDF 正在生成。"),
    "print_asked": _("正在重新生成 PDF。"),
    "export_asked": _("正在生成文件，稍后刷新即可下载。"),
}
KINDS: Final[Mapping[PaperKind, LazyString]] = {
    PaperKind.NOTICE: _("整改通知书"),
    PaperKind.OPINION: _("复查意见书"),
}
PDF_STATES: Final[Mapping[FileStatus, LazyString]] = {
    FileStatus.PENDING: _("PDF 生成中"),
    FileStatus.READY: _("PDF 已生成"),
    FileStatus.FAILED: _("PDF 没有生成"),
}
PRINT_FAULTS: Final[Mapping[PrintFault, LazyString]] = {
    PrintFault.NO_PRINTER: _(
        "服务器缺少生成 PDF 的组件（libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0），请告诉管理员。"
    ),
    PrintFault.NO_FONT: _("服务器缺少中文字体（fonts-noto-cjk），请告诉管理员。"),
    PrintFault.PICTURE_MISSING: _("有一张照片在存储里找不到了，请告诉管理员。"),
    PrintFault.OUT_OF_TIME: _("生成时间太长，已停下。"),
    PrintFault.OUT_OF_MEMORY: _("生成时内存不够，已停下。"),
    PrintFault.CRASHED: _("生成时出错了。"),
}
EXPORT_FAULTS: Final[Mapping[ExportFault, LazyString]] = {
    ExportFault.NOTHING_READABLE: _("您现在不能看这个单位的台账了。"),
    ExportFault.CRASHED: _("生成时出错了。请重新导出。"),
}
LABELS: Final[Mapping[str, LazyString]] = {
    "hazard": _("隐患"),
    "requirement": _("整改要求"),
    "reinspection_on": _("复查日期"),
    "basis": _("依据"),
    "problem": _("问题"),
    "measures": _("整改措施"),
    "where": _("地点"),
    "inspector_1": _("检查人一"),
    "inspector_2": _("检查人二"),
    "notice": _("通知书"),
    "from_month": _("起始月份"),
    "to_month": _("截止月份"),
}
