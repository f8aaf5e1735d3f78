"""The component that gives messages their vectors."""

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from brain.encoder import encode
from brain.sentence import PART_VECTORS, PARTS, SentenceVectors
from brain.spelling import READING


def processed(reading):
    message = Message({TEXT: reading, READING: reading})
    SentenceVectors(SentenceVectors.get_default_config(), None, None).process([message])
    return message


def test_a_message_in_several_parts_has_the_vectors_of_the_whole_and_of_each():
    message = processed("comment changer mon rib ? et où est ma carte vitale ?")
    assert len(message.get(PARTS)) == 2
    _, whole = message.get_dense_features(TEXT, [])
    assert np.allclose(whole.features, encode([message.get(READING)]), atol=1e-5)
    assert np.allclose(message.get(PART_VECTORS), encode(message.get(PARTS)), atol=1e-5)


def test_a_message_in_one_part_has_no_other_vector():
    message = processed("comment changer mon rib ?")
    assert message.get(PARTS) == []
    assert len(message.get(PART_VECTORS)) == 0


def test_a_message_without_a_reading_is_left_alone():
    message = Message({})
    SentenceVectors(SentenceVectors.get_default_config(), None, None).process([message])
    assert message.get(PARTS) is None
