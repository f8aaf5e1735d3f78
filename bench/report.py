"""The report, bench/nlu.md: every figure in it comes from the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.contender import BASELINE, OURS, Contender
from bench.dataset import KINDS, DataSet, held_out, side
from bench.measures import auroc, ratio, wilson
from bench.result import COSTS, Result
from bench.verdict import comparisons, verdicts

__all__ = ["Run", "report"]

OUTCOMES = ((1, "it wins on"), (-1, "it loses on"), (0, "no clear difference on"))


@dataclass
class Run:
    """All that the report says. `results`: by data set, then by contender."""

    contenders: Sequence[Contender]
    datasets: Sequence[DataSet]
    results: dict[str, dict[str, Result]]
    about: dict[str, str] = field(default_factory=dict)  # date, commit, machine ...
    restricted: str = ""  # options that make this run a try


def report(run: Run) -> str:
    """The whole report, in Markdown."""
    parts = [
        "# Language understanding, side by side",
        "Written by `make bench-nlu`; not to be edited by hand.",
        *([f"> **A try, not the real thing**: this run was restricted by {run.restricted}."] if run.restricted else []),
        *(_paragraph(run, contender.name) for contender in run.contenders if contender.name != OURS),
        f"## Targets, against `{BASELINE}`",
        _targets(run),
        *(part for dataset in run.datasets for part in _of_dataset(run, dataset)),
        "## Contenders",
        "\n".join(f"- `{one.name}`: {one.about}" for one in run.contenders),
        "## How it was measured",
        "\n".join(f"- {name}: {value}" for name, value in run.about.items()),
        METHOD,
    ]
    return "\n\n".join(parts) + "\n"


METHOD = """\
- An accuracy is the share of messages whose first-ranked intent, before any fallback, is a right answer, with its 95 %
  Wilson interval. Ours wins or loses where an exact McNemar test on the same messages says so at 5 %.
- Out of domain: a quarter of the intents, drawn once for all, is held out of a second training; the AUROC is the chance
  that a message about one of them scores higher than a message about another. The score is the contender's own number
  where it gives one (marked *), else 1 − the confidence of its first intent. In our set the intent for refusals is
  always trained on and its messages are left aside: being sure of a refusal is a high score, for every contender.
  Ours wins or loses where DeLong's 95 % interval of the difference says so.
- Training: one fresh process with all the cores, imports included, understanding only, Rasa's cache off; the CPU
  without imports starts once Rasa is imported. DIET draws its weights at random: another run gives it slightly other
  figures.
- Serving: fresh processes, one thread, contenders in turn, after all trainings; the median of the rounds. Cold load
  goes from the start of the process to the first parsed message; peak memory is read after the last. Costs within 5 %
  of each other are no clear difference. ×: in units of the baseline.
- Of our own questions only the tuning part is read; the other part is kept for a last account."""


def _paragraph(run: Run, other: str) -> str:
    found = comparisons(run.results, other)
    if not found:
        return f"Against `{other}`, nothing was measured on both sides."
    lines = [f"Ours against `{other}`:"]
    for outcome, words in OUTCOMES:
        by_measure: dict[str, list[str]] = {}
        for one in found:
            if one.outcome == outcome:
                by_measure.setdefault(one.measure, []).append(f"{one.dataset} {one.gap}")
        told = "; ".join(f"{measure} ({', '.join(gaps)})" for measure, gaps in by_measure.items())
        lines.append(f"- {words} {told or 'nothing'}.")
    return "\n".join(lines)


def _targets(run: Run) -> str:
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [[one.target, one.dataset, one.measured, words[one.met]] for one in verdicts(run.results)]
    return _table(["target", "set", "measured", ""], rows)


def _of_dataset(run: Run, dataset: DataSet) -> list[str]:
    held, results = held_out(dataset), run.results[dataset.name]
    counted = {
        kind: [side(row, held, dataset.refusal) for row in dataset.tests[kind]] for kind in KINDS if dataset.tests[kind]
    }
    rows = ", ".join(f"{len(sides)} {kind}" for kind, sides in counted.items())
    outside = ", ".join(
        f"{sides.count('outside')} {kind} messages against {sides.count('inside')}" for kind, sides in counted.items()
    )
    return [
        f"## `{dataset.name}`",
        f"{len(dataset.intents)} intents, {len(dataset.training)} examples; test messages: {rows}. "
        f"Out of domain: {len(held)} intents held out, {outside}.",
        _table(
            ["", *(f"accuracy, {kind}" for kind in KINDS), *(f"out of domain, {kind}" for kind in KINDS)],
            [_quality(one.name, results[one.name]) for one in run.contenders],
        ),
        _table(
            ["", *(f"{label} ({unit})" for label, unit, _ in COSTS.values())],
            [_costs(one.name, results[one.name], results.get(BASELINE)) for one in run.contenders],
        ),
        *(f"`{one.name}`: {results[one.name].failed}." for one in run.contenders if results[one.name].failed),
    ]


def _quality(name: str, result: Result) -> list[str]:
    cells = [f"`{name}`"]
    for kind in KINDS:
        cells.append(_share(result.right[kind]) if result.right.get(kind) else "–")
    for kind in KINDS:
        area = auroc(result.sides[kind]) if kind in result.sides else None
        cells.append("–" if area is None else f"{area:.3f}{'*' if result.own_number else ''}")
    return cells


def _share(right: Sequence[bool]) -> str:
    share, low, high = wilson(right)
    return f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _costs(name: str, result: Result, baseline: Result | None) -> list[str]:
    cells = [f"`{name}`"]
    for cost, (_, _, unit) in COSTS.items():
        value = result.costs.get(cost)
        if value is None:
            cells.append("–")
            continue
        times = ratio(value, baseline.costs.get(cost)) if baseline and name != BASELINE else None
        cells.append(f"{value / unit:,.1f}" + (f" (×{times:.2f})" if times is not None else ""))
    return cells


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
