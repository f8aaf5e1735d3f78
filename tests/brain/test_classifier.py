"""The mathematics of the theme classifier, on readings as brain/spelling.py gives them."""

import numpy as np
import pytest

from brain import classifier
from brain.classifier import ThemeClassifier, ThemeModel
from brain.encoder import encode

EXAMPLES = {
    "carte": ["j'ai perdu ma carte vitale", "carte vitale volée", "on m'a pris ma carte", "ma carte a disparu"],
    "arret": ["envoyer mon arrêt de travail", "où envoyer l'arrêt", "arrêt maladie à transmettre", "avis d'arrêt"],
    "adresse": ["j'ai déménagé", "changer mon adresse", "nouvelle adresse postale", "déclarer un déménagement"],
}
OTHERS = {
    "hors_sujet": ["quel temps fait-il demain", "une recette de crêpes", "qui a gagné le match", "vendre ma moto"]
}


def trained(examples=EXAMPLES):
    texts = [text for group in examples.values() for text in group]
    labels = [label for label, group in examples.items() for _ in group]
    return ThemeModel(ThemeClassifier.get_default_config()).fit(texts, encode(texts), labels)


@pytest.fixture(scope="module")
def model():
    return trained()


def first(model, text):
    probabilities, _, _ = model.predict([text], encode([text]))
    return model.classes[int(probabilities[0].argmax())]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("g perdu ma carte vital", "carte"),
        ("JE VIENS DE DEMENAGER", "adresse"),
        ("ou jenvoi mon arret", "arret"),
    ],
)
def test_what_the_speller_left_noisy_finds_its_theme_all_the_same(model, text, theme):
    assert first(model, text) == theme


def test_probabilities_add_up_to_one(model):
    probabilities, _, _ = model.predict(["bonjour", ""], encode(["bonjour", ""]))
    assert np.allclose(probabilities.sum(axis=1), 1.0)


def test_two_trainings_give_the_same_decisions(model):
    again = trained()
    assert np.array_equal(again.dual, model.dual)
    assert again.temperature == model.temperature


def test_the_nearest_example_of_an_example_is_itself(model):
    texts = [text for group in EXAMPLES.values() for text in group]
    _, _, kernel = model.predict(["j'ai déménagé"], encode(["j'ai déménagé"]))
    assert texts[int(kernel[0].argmax())] == "j'ai déménagé"


def test_without_examples_of_others_business_what_no_intent_claims_is_the_most_foreign(model):
    said = ["j'ai perdu ma carte vitale", "quel temps fait-il à Lisbonne au mois de mars"]
    _, outside, _ = model.predict(said, encode(said))
    assert outside[0] < outside[1]


def test_with_such_examples_their_probability_says_how_foreign_a_message_is():
    model = trained(EXAMPLES | OTHERS)
    said = ["une bonne recette de crêpes", "ma carte vitale est perdue"]
    probabilities, outside, _ = model.predict(said, encode(said))
    assert list(outside) == list(probabilities[:, model.classes.index("hors_sujet")])
    assert outside[0] > 0.5 > outside[1]


def test_the_left_out_scores_are_those_of_a_model_trained_without_the_example():
    """The closed form that calibrates the confidences, against doing it for real, with the code that is used."""
    from scipy.linalg import cho_factor

    from brain.classifier import _diagonal_of_inverse

    rng = np.random.default_rng(0)
    features = rng.normal(size=(12, 5))
    target = np.where(rng.integers(0, 2, size=(12, 1)) == 1, 1.0, -1.0)
    gram = features @ features.T + 0.3 * np.eye(12)
    rows = np.arange(12)
    last = rows[-8:]
    diagonal = _diagonal_of_inverse(cho_factor(gram)[0], len(last))
    closed = target[last] - np.linalg.solve(gram, target)[last] / diagonal[:, None]
    for n, found in zip(last, closed, strict=True):
        rest = np.delete(rows, n)
        dual = np.linalg.solve(gram[np.ix_(rest, rest)], target[rest])
        assert found[0] == pytest.approx(float((features[n] @ features[rest].T @ dual)[0]))


def test_many_examples_are_seen_along_fewer_axes_and_understood_alike(monkeypatch):
    monkeypatch.setattr(classifier, "MANY", 12)
    monkeypatch.setattr(classifier, "AXES", 10)
    narrow = trained()
    assert narrow.vectors.shape == (12, 10)
    assert first(narrow, "g perdu ma carte vital") == "carte"
    assert first(narrow, "JE VIENS DE DEMENAGER") == "adresse"
