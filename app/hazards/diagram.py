"""The lifecycle table as a page for people: a diagram and every row, generated."""

from app.hazards.lifecycle import TABLE, Action, Move, State


def lifecycle_page() -> str:
    """Markdown with a Mermaid diagram; the same table always gives the same bytes."""
    rows = [_row(move) for move in TABLE.values()]
    head = "| Action | From | To | Who | Needs | Photos | Only while |\n|---|---|---|---|---|---|---|"
    return "\n".join(
        [
            "# The life of a hazard",
            "",
            "Generated from `app/hazards/lifecycle.py` by `flask --app wsgi lifecycle-diagram`; do not edit.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> submitted: submit",
            *_arrows(),
            "```",
            "",
            head,
            *rows,
            "",
        ]
    )


def _arrows() -> list[str]:
    steps: dict[tuple[State, State], list[str]] = {}
    for move in TABLE.values():
        for decision in move.targets:
            for source in sorted(move.sources):
                word = f"{move.action} ({decision})" if decision else str(move.action)
                steps.setdefault((source, move.target(source, decision=decision)), []).append(word)
    return [f"    {source} --> {target}: {', '.join(words)}" for (source, target), words in sorted(steps.items())]


def _row(move: Move) -> str:
    needs = [*move.needs, *(" or ".join(group) for group in move.one_of)]
    needs += [f"{name} (major)" for name in move.major_needs]
    targets = sorted({str(target or "stays") for target in move.targets.values()})
    sources = ", ".join(sorted(move.sources)) if move.action is not Action.SUBMIT else "–"
    cells = (
        f"`{move.action}`",
        sources,
        ", ".join(targets),
        move.who.replace("_", " "),
        ", ".join(needs) or "–",
        move.photos,
        ", ".join(guard.replace("_", " ") for guard in move.guards) or "–",
    )
    return "| " + " | ".join(cells) + " |"
