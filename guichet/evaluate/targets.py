"""The targets, all of them, and whether a measure reaches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guichet.evaluate.evaluation import FAR, INSIDE, NEAR, NOISY, Evaluation
from guichet.evaluate.measures import Rate

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True)
class Target:
    """`measure` must be at least `bound` (0..1), or at most when `at_most`."""

    name: str
    label: str
    measure: Callable[[Evaluation], Rate | float | None]
    bound: float
    at_most: bool = False

    def met(self, evaluation: Evaluation) -> bool | None:
        """None when there is nothing to measure it on."""
        found = self.measure(evaluation)
        if isinstance(found, Rate):
            found = found.value if found.total else None
        if found is None:
            return None
        return found <= self.bound if self.at_most else found >= self.bound


TARGETS = (
    Target("first", "le bon thème en premier", lambda e: e.first(INSIDE), 0.91),
    Target("first_noisy", "le bon thème en premier, questions bruitées", lambda e: e.first(NOISY), 0.87),
    Target("third", "le bon thème parmi les trois premiers", lambda e: e.third(INSIDE), 0.975),
    Target("mistaken", "mauvaise réponse", lambda e: e.mistaken, 0.04, at_most=True),
    Target("well_done", "bonne réponse ou bonne clarification", lambda e: e.well_done, 0.95),
    Target("refused_near", "hors du domaine, proche : refusé", lambda e: e.refused(NEAR), 0.85),
    Target("refused_far", "hors du domaine, lointain : refusé", lambda e: e.refused(FAR), 0.95),
    Target("served", "dans le domaine : servi", lambda e: e.served, 0.95),
    Target("ece", "erreur de calibration (ECE)", lambda e: e.trust[INSIDE].ece, 0.05, at_most=True),
)
