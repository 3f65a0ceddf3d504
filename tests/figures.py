"""What tests measured, printed at the end of the run; also when other processes ran them."""

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print each `record_property("figures", …)` of every test that has one."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if isinstance(report, pytest.TestReport)
    ]
    lines = [told for report in reports for name, told in report.user_properties if name == "figures"]
    if lines:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(lines))
