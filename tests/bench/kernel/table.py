"""The results as a Markdown table."""


def markdown(results: dict) -> str:
    names = list(results["kernels"])
    columns = [f"{name} {results['kernels'][name]['version']}" for name in names]
    lines = [
        f"{results['cpu']['model']}, {results['cpu']['cores']} cores, load average {results['load']['before']} before and "
        f"{results['load']['after']} after; Node {results['versions']['node']}, Python {results['versions']['python']}. "
        "Medians, 90th percentile in parentheses.",
        "",
        f"| | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(names)}",
    ]
    rows = dict.fromkeys(row for name in names for row in results["kernels"][name]["measured"])
    reasons: list[str] = []
    for row in rows:
        cells = [cell(name, row, results["kernels"][name], reasons) for name in names]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"[{index}] {reason}  " for index, reason in enumerate(reasons, 1))])


def cell(name: str, row: str, kernel: dict, reasons: list[str]) -> str:
    measured = kernel["measured"].get(row)
    if measured is None and kernel["missing"]:
        measured = {"reason": kernel["missing"]}
    if measured is None:
        return ""
    if "reason" in measured:
        text = f"{name}: {measured['reason']}"
        if text not in reasons:
            reasons.append(text)
        return f"- [{reasons.index(text) + 1}]"
    if "median" in measured:
        return f"{number(measured['median'])} ({number(measured['p90'])})"
    return str(measured["value"])


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
