"""The entities that answers use, found with the authors' own registries."""

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.entities import PhraseEntities


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    """Trained on data/, then loaded again from what it kept."""
    storage, resource = LocalModelStorage(tmp_path_factory.mktemp("storage")), Resource("entities")
    config = PhraseEntities.get_default_config()
    PhraseEntities.create(config, storage, resource, None).train(TrainingData())
    return PhraseEntities.load(config, storage, resource, None)


def found(extractor, reading):
    return {row["entity"]: row["value"] for row in extractor.find(reading)}


@pytest.mark.parametrize(
    ("reading", "kind", "value"),
    [
        ("et c'est combien de temps ?", "precision", "delai"),
        ("pour mon fils de 8 ans", "beneficiaire", "enfant"),
        ("j'habite dans le var", "departement", "83"),
        ("cpam du 93 ne répond pas", "departement", "93"),
        ("la caf m'a coupé le rsa", "organisme", "caf"),
    ],
)
def test_it_finds_what_an_answer_depends_on(extractor, reading, kind, value):
    assert found(extractor, reading)[kind] == value


@pytest.mark.parametrize("reading", ["c'est trop cher", "la somme versée", "je perds le nord", "il y a 93 euros"])
def test_common_words_and_amounts_are_no_departements(extractor, reading):
    assert "departement" not in found(extractor, reading)


def test_one_entity_of_a_kind_the_longest_phrase(extractor):
    rows = extractor.find("pour mon fils et combien de temps et combien ça coûte")
    assert len({row["entity"] for row in rows}) == len(rows)


def test_entities_already_found_are_kept(extractor):
    message = Message(data={"text": "x", "reading": "ma femme", "entities": [{"entity": "autre", "value": "1"}]})
    extractor.process([message])
    assert [row["entity"] for row in message.get("entities")] == ["autre", "beneficiaire"]
