"""One contender on one data set, step by step; a step that failed is told in the result, and the others go on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from bench.contender import Contender
from bench.dataset import SEED, DataSet, Example, held_out
from bench.process import StepFailed, run, serve
from bench.result import Result, has_own_number, rights, serving, sides
from bench.store import Store

__all__ = ["Trial"]

SERVED = 200  # messages parsed in a round of serving
LIMIT = 15 * 60.0  # seconds that a round of serving, or the predictions of a test set, may last


class Trial:
    """`limit`: seconds that a training may last."""

    def __init__(self, contender: Contender, dataset: DataSet, store: Store, limit: float) -> None:
        self.contender, self.dataset, self.result = contender, dataset, Result()
        self._store, self._limit = store, limit
        self._rounds: list[dict[str, Any]] = []
        self._trained: dict[str, Any] = {}  # of the model to serve; empty without one

    def learn(self) -> None:
        """Both trainings, and what the two models say of the test messages."""
        held = held_out(self.dataset)
        try:
            self._trained = self._train("all", self.dataset.training)
            self.result.costs = dict(self._trained)
            self.result.right = rights(self.dataset, self._predict("all", self._trained))
            predictions = self._predict("held-out", self._train("held-out", self.dataset.without(held)))
            self.result.sides = sides(self.dataset, predictions, held)
            self.result.own_number = has_own_number(predictions)
        except StepFailed as failure:
            self._failed(failure)

    def serve(self, turn: int) -> None:
        """One round of serving; the costs become the medians of the rounds so far."""
        if not self._trained:
            return
        texts = [row.text for row in self.dataset.rows]
        said = random.Random(SEED).sample(texts, SERVED) if len(texts) > SERVED else (texts * SERVED)[:SERVED]
        step = f"serving-{turn}"
        arguments = ["serve", self._model("all"), self._given(step, said)]
        try:
            served = self._store.step(
                self._name(step), [self._trained, said], lambda: serve(self._lean(arguments), self._log(step), LIMIT)
            )
        except StepFailed as failure:
            self._failed(failure)
        else:
            self._rounds.append(served)
            self.result.costs.update(serving(self._rounds))

    def _train(self, which: str, training: list[Example]) -> dict[str, Any]:
        step = f"training-{which}"
        config = self._given(f"config-{which}", self.contender.config)  # JSON is YAML
        examples = [{"text": text, "intent": intent} for text, intent in training]
        data = self._given(f"data-{which}", {"rasa_nlu_data": {"common_examples": examples}})
        model, told = self._model(which), self._told(step)

        def make() -> dict[str, Any]:
            cost = run(self._lean(["train", config, data, model, str(told)]), self._log(step), self._limit)
            fit = json.loads(told.read_text(encoding="utf-8"))
            return {**cost, "fit": fit, "archive": Path(model).stat().st_size}

        made_from = [self.contender.config, self.contender.lean, self.contender.made_from, training]
        return self._store.step(self._name(step), made_from, make, leaves=Path(model))

    def _predict(self, which: str, trained: dict[str, Any]) -> list[dict[str, Any]]:
        step, texts = f"predictions-{which}", [row.text for row in self.dataset.rows]
        given, told = self._given(step, texts), self._told(step)

        def make() -> list[dict[str, Any]]:
            run(self._lean(["predict", self._model(which), given, str(told)]), self._log(step), LIMIT)
            return json.loads(told.read_text(encoding="utf-8"))

        return self._store.step(self._name(step), [trained, texts], make)  # no two trainings cost exactly the same

    def _failed(self, failure: StepFailed) -> None:
        self._store.tell(f"{self.dataset.name}/{self.contender.name}: {failure}")
        self.result.failed = failure.reason

    def _lean(self, arguments: list[str]) -> list[str]:
        return ["--lean", *arguments] if self.contender.lean else arguments

    def _given(self, name: str, content: Any) -> str:
        path = self._store.path(f"{self._name(name)}.given.json")
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return str(path)

    def _told(self, step: str) -> Path:
        return self._store.path(f"{self._name(step)}.told.json")

    def _model(self, which: str) -> str:
        return str(self._store.path(self._name(f"model-{which}.tar.gz")))

    def _log(self, step: str) -> Path:
        return self._store.path(f"{self._name(step)}.log")

    def _name(self, name: str) -> str:
        return f"{self.dataset.name}/{self.contender.name}/{name}"
