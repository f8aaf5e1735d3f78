"""The component that gives messages their vectors."""

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from brain.encoder import encode
from brain.sentence import HALF_VECTORS, HALVES, SentenceVectors
from brain.spelling import READING


def processed(reading):
    message = Message({TEXT: reading, READING: reading})
    SentenceVectors(SentenceVectors.get_default_config(), None, None).process([message])
    return message


def test_a_message_that_may_ask_two_things_has_the_vectors_of_the_whole_and_of_its_halves():
    message = processed("comment changer mon rib ? et où est ma carte vitale ?")
    assert len(message.get(HALVES)) == 2
    _, whole = message.get_dense_features(TEXT, [])
    assert np.allclose(whole.features, encode([message.get(READING)]), atol=1e-5)
    assert np.allclose(message.get(HALF_VECTORS), encode(message.get(HALVES)), atol=1e-5)


def test_a_message_that_asks_one_thing_has_no_other_vector():
    message = processed("comment changer mon rib ?")
    assert message.get(HALVES) == []
    assert len(message.get(HALF_VECTORS)) == 0


def test_a_message_without_a_reading_is_left_alone():
    message = Message({})
    SentenceVectors(SentenceVectors.get_default_config(), None, None).process([message])
    assert message.get(HALVES) is None
