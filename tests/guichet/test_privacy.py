"""Redaction: what a checksum or a shape proves is masked; the rest is left byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.privacy import Vault, load_vault, redact
from guichet.privacy.redaction import MARKS
from guichet.settings import Settings, SettingsError

# All invented; keys computed.
MASKED = [
    ("185054958815780", "nir"),
    ("1 85 05 49 588 157 80", "nir"),
    ("1.85.05.49.588.157.80", "nir"),
    ("1 85 05 49 588 157", "nir"),
    ("2 85 05 2A 588 157 12", "nir"),
    ("2 94 02 75 115 045 clé 55", "nir"),
    ("personne.exemple+secu@exemple.fr", "email"),
    ("personne @ exemple.co.fr", "email"),
    ("06 12 34 56 78", "telephone"),
    ("06.12.34.56.78", "telephone"),
    ("0612345678", "telephone"),
    ("+33 6 12 34 56 78", "telephone"),
    ("0033612345678", "telephone"),
    ("02 41 00 00 00", "telephone"),
    ("FR76 3000 6000 0112 3456 7890 189", "iban"),
    ("FR7630006000011234567890189", "iban"),
    ("4970 1000 0000 0154", "carte"),
    ("4970100000000154", "carte"),
]

LEFT_ALONE = [
    "appelez le 36 46 ou le 3646",
    "le 15, le 112, le 114, le 3114 ou le 3919",
    "on m'a versé 42,97 € par jour, soit 1 289,10 euros en juin 2026",
    "formulaire cerfa 15717 et S3704, article L162-4-4",
    "arrêt du 12/05/2026 au 30/06/2026",
    "j'ai 3 enfants de 2, 5 et 12 ans",
    "code postal 49000, bâtiment 12, appartement 304",
    "dossier numéro 2026-118844",
    "1 2 3 4 5 6 7 8 9",
    "il a pris 15 comprimés à 20 h 30",
]


@pytest.mark.parametrize(("secret", "kind"), MASKED)
def test_an_identifier_is_masked_and_named(secret, kind):
    redacted = redact(f"Bonjour, voici : {secret}, merci")
    assert redacted.text == f"Bonjour, voici : {MARKS[kind]}, merci"
    assert redacted.kinds == (kind,)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_numbers_that_identify_nobody_are_left_alone(text):
    assert redact(text) == (type(redact(text)))(text, ())


def test_several_kinds_are_named_once_each():
    redacted = redact("06 12 34 56 78 ou 07 12 34 56 78, a@exemple.fr")
    assert sorted(redacted.kinds) == ["email", "telephone"]


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text).text
    assert redact(once).text == once


@given(st.text(alphabet="0123456789 .-+@FRab", max_size=200))
def test_hostile_digits_never_break_it(text):
    assert isinstance(redact(text).text, str)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd", "Nl", "No"], exclude_characters="@"), max_size=300))
def test_a_text_without_digits_or_at_signs_is_untouched(text):
    assert redact(text).text == text


def test_long_hostile_texts_are_read_in_linear_time():
    """Doubling the text must not do more than about double the work; counted, not timed."""
    import cProfile
    import pstats

    def calls(text):
        profile = cProfile.Profile()
        profile.runcall(redact, text)
        return pstats.Stats(profile).total_calls

    for piece in ("1 85 05 ", "1" * 10, "a@", "FR76 3000 ", "06 12 "):
        assert calls(piece * 400) <= 3 * calls(piece * 200) + 1000


def test_a_contact_is_sealed_and_keys_can_be_rotated(tmp_path):
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old]).seal({"email": "a@exemple.fr"})
    assert "exemple" not in sealed
    assert Vault([new, old]).open(sealed) == {"email": "a@exemple.fr"}
    with pytest.raises(SettingsError, match="GUICHET_CONTACT_KEYS"):
        Vault([new]).open(sealed)


def test_without_a_configured_key_one_is_made_for_its_owner_only(tmp_path):
    settings = Settings(var_dir=tmp_path)
    sealed = load_vault(settings).seal({"a": "b"})
    assert load_vault(settings).open(sealed) == {"a": "b"}
    assert (tmp_path / "contact.key").stat().st_mode & 0o777 == 0o600
