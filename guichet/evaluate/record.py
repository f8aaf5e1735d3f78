"""The measures as one JSON object, for machines and for comparing two days."""

from __future__ import annotations

from typing import Any

from guichet.evaluate.evaluation import FAR, NEAR, RISKS, Confusion, Evaluation, Trust
from guichet.evaluate.measures import Rate
from guichet.evaluate.robustness import Drop, Robustness
from guichet.evaluate.targets import TARGETS
from guichet.questions import PROOF

__all__ = ["evaluation_record", "robustness_record"]


def evaluation_record(evaluation: Evaluation) -> dict[str, Any]:
    """Shares are in 0..1, a measure without rows is null. The sentences of the part `preuve` are left out."""
    hidden = evaluation.part == PROOF
    return {
        "part": evaluation.part,
        "questions": len(evaluation.outcomes),
        "targets": {
            target.name: {
                "measure": _measure(target.measure(evaluation)),
                "at_most" if target.at_most else "at_least": target.bound,
                "met": target.met(evaluation) if evaluation.part == PROOF else None,
            }
            for target in TARGETS
        },
        "accuracy": {
            group: {"first": _rate(evaluation.first(group)), "third": _rate(evaluation.third(group))}
            for group in evaluation.groups
        },
        "noise": {
            kind: {
                "first": _rate(Rate(sum(one.first for one in rows), len(rows))),
                "third": _rate(Rate(sum(one.third for one in rows), len(rows))),
            }
            for kind, rows in evaluation.noises.items()
        },
        "macro_f1": evaluation.macro_f1,
        "themes": {
            theme: {"total": one.total, "precision": one.precision, "recall": one.recall, "f1": one.f1}
            for theme, one in evaluation.themes.items()
        },
        "confusions": [_confusion(pair, hidden) for pair in evaluation.confusions],
        "calibration": {group: _calibration(trust) for group, trust in evaluation.trust.items()},
        "risk_coverage": {group: _risk(trust) for group, trust in evaluation.trust.items()},
        "auroc": {kind: evaluation.auroc(kind) for kind in (NEAR, FAR)},
        "decisions": {
            "in_domain": dict(evaluation.decisions.most_common()),
            "two_questions": dict(evaluation.seconds.most_common()),
            "one_too_many": _rate(evaluation.one_too_many),
            "turned_away": _rate(evaluation.turned_away),
            "mistaken": _rate(evaluation.mistaken),
            "well_done": _rate(evaluation.well_done),
            "served": _rate(evaluation.served),
            "out_of_domain": {
                kind or "unspecified": dict(done.most_common()) for kind, done in evaluation.refusals.items()
            },
            "refused": {kind: _rate(evaluation.refused(kind)) for kind in (NEAR, FAR)},
        },
    }


def robustness_record(found: Robustness) -> dict[str, Any]:
    """Shares are in 0..1; `lost` is the difference of the first two."""
    return {
        "part": found.part,
        "questions": found.questions,
        "trials": len(found.trials),
        "total": _drop(found.total),
        "kinds": {kind: _drop(drop) for kind, drop in found.kinds.items()},
        "themes": {
            theme: {**_drop(drop), "kinds": {kind: _drop(one) for kind, one in found.kinds_of(theme).items()}}
            for theme, drop in found.themes.items()
        },
    }


def _measure(found: Rate | float | None) -> Any:
    return _rate(found) if isinstance(found, Rate) else found


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {
        "right": rate.right,
        "total": rate.total,
        "value": rate.value if rate.total else None,
        "interval": [low, high],
    }


def _confusion(pair: Confusion, hidden: bool) -> dict[str, Any]:
    told = {"theme": pair.theme, "taken_for": pair.taken_for, "total": len(pair.outcomes)}
    if not hidden:
        told["questions"] = [{"text": one.question.text, "third": one.third} for one in pair.outcomes]
    return told


def _calibration(trust: Trust) -> dict[str, Any]:
    bins = [{"total": one.total, "confidence": one.confidence, "accuracy": one.accuracy} for one in trust.bins]
    return {"ece": trust.ece, "bins": bins}


def _risk(trust: Trust) -> dict[str, Any]:
    curve = [{"confidence": one.confidence, "coverage": one.coverage, "risk": one.risk} for one in trust.curve]
    return {"aurc": trust.aurc, "coverage_at": {str(risk): trust.coverage[risk] for risk in RISKS}, "curve": curve}


def _drop(drop: Drop) -> dict[str, Any]:
    told = {"clean": _rate(drop.clean), "noisy": _rate(drop.noisy), "noisy_third": _rate(drop.third)}
    return {**told, "lost": drop.lost}
