"""The mathematics of the theme classifier."""

import numpy as np
import pytest

from brain.classifier import ThemeClassifier, ThemeModel
from brain.sentence import encode

EXAMPLES = {
    "carte": ["j'ai perdu ma carte vitale", "carte vitale volée", "on m'a pris ma carte", "ma carte a disparu"],
    "arret": ["envoyer mon arrêt de travail", "où envoyer l'arrêt", "arrêt maladie à transmettre", "avis d'arrêt"],
    "adresse": ["j'ai déménagé", "changer mon adresse", "nouvelle adresse postale", "déclarer un déménagement"],
}


def trained():
    texts = [text for group in EXAMPLES.values() for text in group]
    labels = [label for label, group in EXAMPLES.items() for _ in group]
    return ThemeModel(ThemeClassifier.get_default_config(), {"g": "j'ai"}).fit(texts, encode(texts), labels)


@pytest.fixture(scope="module")
def model():
    return trained()


def first(model, text):
    probabilities, _ = model.predict([text], encode([text]))
    return model.classes[int(probabilities[0].argmax())]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("g perdu ma carte vital", "carte"),
        ("JE VIENS DE DEMENAGER", "adresse"),
        ("ou jenvoi mon arret", "arret"),
    ],
)
def test_noisy_french_finds_its_theme(model, text, theme):
    assert first(model, text) == theme


def test_probabilities_add_up_to_one(model):
    probabilities, _ = model.predict(["bonjour", ""], encode(["bonjour", ""]))
    assert np.allclose(probabilities.sum(axis=1), 1.0)


def test_two_trainings_give_the_same_decisions(model):
    again = trained()
    assert np.array_equal(again.dual, model.dual)
    assert again.temperature == model.temperature


def test_the_nearest_example_of_an_example_is_itself(model):
    _, kernel = model.predict(["j'ai déménagé"], encode(["j'ai déménagé"]))
    assert model.texts[int(kernel[0].argmax())] == "j'ai déménagé"


def test_the_left_out_scores_are_those_of_a_model_trained_without_the_example():
    """The closed form that calibrates the confidences, against doing it for real."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(12, 5))
    target = np.where(rng.integers(0, 2, size=(12, 1)) == 1, 1.0, -1.0)
    gram = features @ features.T + 0.3 * np.eye(12)
    closed = target - np.linalg.solve(gram, target) / np.diag(np.linalg.inv(gram))[:, None]
    for n in range(12):
        rest = np.delete(np.arange(12), n)
        dual = np.linalg.solve(gram[np.ix_(rest, rest)], target[rest])
        assert closed[n, 0] == pytest.approx(float((features[n] @ features[rest].T @ dual)[0]))
