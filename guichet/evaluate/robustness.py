"""What is lost when careful questions are spoilt the way people spoil them, by kind of noise and by theme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from guichet.evaluate.measures import Rate
from guichet.evaluate.outcome import Outcome
from guichet.noise import NOISES
from guichet.questions import Question

__all__ = ["Drop", "Robustness", "Trial", "careful", "robustness"]


@dataclass(frozen=True)
class Trial:
    """A careful question, and the same spoilt by one kind of noise (a key of NOISES)."""

    kind: str
    clean: Outcome
    noisy: Outcome


@dataclass(frozen=True)
class Drop:
    """How often a right theme comes first, and among three, for spoilt texts; and first for the same texts clean."""

    clean: Rate
    noisy: Rate
    third: Rate

    @property
    def lost(self) -> float:
        """Of the right theme first (-1..1); negative when noise helped."""
        return self.clean.value - self.noisy.value


@dataclass(frozen=True)
class Robustness:
    """`questions` is the number of careful questions; a text on which a kind of noise has no hold makes no trial."""

    questions: int
    trials: tuple[Trial, ...]
    part: str = ""

    @property
    def total(self) -> Drop:
        return _drop(self.trials)

    @cached_property
    def kinds(self) -> dict[str, Drop]:
        """By kind of noise, in the order of NOISES."""
        by_kind = {kind: [one for one in self.trials if one.kind == kind] for kind in NOISES}
        return {kind: _drop(trials) for kind, trials in by_kind.items() if trials}

    @cached_property
    def themes(self) -> dict[str, Drop]:
        """By theme, those that lose most first."""
        by_theme: dict[str, list[Trial]] = {}
        for one in self.trials:
            by_theme.setdefault(one.clean.question.theme, []).append(one)
        drops = {theme: _drop(trials) for theme, trials in by_theme.items()}
        return dict(sorted(drops.items(), key=lambda row: (-row[1].lost, row[1].noisy.value, row[0])))

    def kinds_of(self, theme: str) -> dict[str, Drop]:
        """The drops of one theme by kind of noise, those that cost it most first."""
        mine = [one for one in self.trials if one.clean.question.theme == theme]
        drops = Robustness(0, tuple(mine)).kinds
        return dict(sorted(drops.items(), key=lambda row: -row[1].lost))


def careful(questions: Iterable[Question]) -> list[Question]:
    """The questions of the domain that nothing spoils yet."""
    return [question for question in questions if question.noise == "none" and not question.outside]


def robustness(
    questions: Sequence[Question], read: Callable[[Sequence[Question]], Sequence[Outcome]], part: str = ""
) -> Robustness:
    """Spoil `questions` (careful ones) in every way; `read` is called once, with all the texts."""
    pairs = [
        (kind, question, replace(question, text=spoilt, noise=kind))
        for question in questions
        for kind, spoil in NOISES.items()
        if (spoilt := spoil(question.text)) != question.text
    ]
    asked = list(dict.fromkeys(question for _, clean, noisy in pairs for question in (clean, noisy)))
    known = dict(zip(asked, read(asked), strict=True))
    trials = tuple(Trial(kind, known[clean], known[noisy]) for kind, clean, noisy in pairs)
    return Robustness(len(questions), trials, part)


def _drop(trials: Sequence[Trial]) -> Drop:
    return Drop(
        clean=Rate(sum(one.clean.first for one in trials), len(trials)),
        noisy=Rate(sum(one.noisy.first for one in trials), len(trials)),
        third=Rate(sum(one.noisy.third for one in trials), len(trials)),
    )
