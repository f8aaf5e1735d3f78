"""Messages made for measuring: some hold invented personal data at known places, some are full of harmless numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.guichet.privacy import secrets
from tests.guichet.privacy.secrets import MAKERS, nir, one_added, one_forgotten, with_key, written, wrong_key

__all__ = ["Message", "Secret", "benign", "personal"]


@dataclass(frozen=True)
class Secret:
    text: str
    kind: str


@dataclass(frozen=True)
class Message:
    """`before`: the same person's message before, when a number is cut in two."""

    text: str
    secrets: tuple[Secret, ...]
    before: str = ""
    before_secrets: tuple[Secret, ...] = ()


TEMPLATES = secrets.TEMPLATES
WITH_MANY = {
    "nir": 430,
    "nir_malforme": 300,
    "nia": 60,
    "iban": 90,
    "rib": 60,
    "carte": 70,
    "telephone": 170,
    "email": 110,
    "naissance": 190,
    "nom": 150,
    "nom_titre": 50,
    "prenom": 60,
    "adresse": 110,
    "carte_europeenne": 30,
    "caf": 20,
    "passeport": 15,
    "cni": 15,
    "plaque": 15,
    "rpps": 15,
    "mot_de_passe": 20,
    "code": 20,
}
OPENINGS = ["", "", "", "Bonjour, ", "bjr ", "Bonjour\n", "Madame, Monsieur, ", "svp "]
CLOSINGS = ["", "", "", " merci", ". Merci d'avance", " ?", " svp", "\n36 46 ne répond pas"]


def personal(seed: int, count: int = 2000) -> list[Message]:
    """`count` messages, in the shares of WITH_MANY; a tenth of the malformed NIR is cut over two messages."""
    rng = Random(seed)
    total = sum(many for many in WITH_MANY.values())
    kinds = [kind for kind, many in WITH_MANY.items() for _ in range(round(many * count / total))]
    kinds += ["nir"] * (count - len(kinds))
    return [_message(rng, kind) for kind in kinds[:count]]


def _message(rng: Random, kind: str) -> Message:
    if kind == "nir_malforme" and rng.random() < 0.12:
        return _cut(rng)
    secret = Secret(_secret(rng, kind), kind)
    sentence = rng.choice(TEMPLATES["personnelles"][kind]).format(x=secret.text)
    found = [secret]
    if rng.random() < 0.2:
        other = rng.choice([name for name in ("nir", "telephone", "email", "iban") if name != kind])
        found.append(Secret(MAKERS[other](rng), other))
        sentence += (
            rng.choice([", ", " et ", "\n", ". "])
            + {"telephone": "tel ", "email": "mail ", "nir": "sécu ", "iban": "iban "}[other]
            + found[-1].text
        )
    closing = rng.choice(CLOSINGS)
    if sentence.endswith(secret.text) and kind in ("nom", "nom_titre", "prenom", "mot_de_passe"):
        closing = rng.choice(["", ".", ", merci", "\nmerci"]) if kind != "mot_de_passe" else ""
    return Message(rng.choice(OPENINGS) + sentence + closing, tuple(found))


def _secret(rng: Random, kind: str) -> str:
    if kind == "nir_malforme":
        number = with_key(nir(rng))
        return rng.choice(
            [
                lambda: written(rng, wrong_key(rng, nir(rng))),
                lambda: written(rng, nir(rng)),
                lambda: written(rng, with_key(nir(rng, odd=True))),
                lambda: written(rng, nir(rng, odd=True)),
                lambda: secrets.groups(with_key(nir(rng, invalid_month=True)), " "),
                lambda: one_forgotten(rng, number),
                lambda: one_added(rng, number),
                lambda: secrets.groups(number, " ")[:-1],
                lambda: secrets.other_digits(rng, secrets.groups(number, " ")),
            ]
        )()
    if kind == "nia":
        number = nir(rng, sexes="3478", odd=rng.random() < 0.3)
        return written(rng, with_key(number) if rng.random() < 0.7 else number)
    if kind == "nom_titre":
        return secrets.family_name(rng) if rng.random() < 0.5 else secrets.full_name(rng)
    if kind == "prenom":
        return secrets.first_name(rng)
    if kind == "code":
        return secrets.digits(rng, rng.choice([4, 6, 8])).replace("20", "31").replace("19", "42")
    return MAKERS[kind](rng)


def _cut(rng: Random) -> Message:
    """A number in two messages, cut between two groups."""
    parts = secrets.groups(with_key(nir(rng)), " ").split()
    at = rng.choice([3, 4, 5])
    join = rng.choice([" ", ""])
    first, second = join.join(parts[:at]), join.join(parts[at:])
    alone = ["{x}"] if join else []  # five digits and nothing else may be a postcode
    before = rng.choice(["mon numéro de sécu c'est {x}", "n° sécu : {x}...", *alone]).format(x=first)
    text = rng.choice(["{x}", "{x} voilà", "et la suite {x}", "puis {x}"]).format(x=second)
    return Message(text, (Secret(second, "nir_malforme"),), before, (Secret(first, "nir_malforme"),))


# --- harmless numbers


def benign(seed: int, count: int = 1000) -> list[str]:
    rng = Random(seed)
    texts: dict[str, None] = {}
    while len(texts) < count:
        sentence = rng.choice(OPENINGS[:-1]) + _filled(rng, rng.choice(TEMPLATES["anodines"]))
        if rng.random() < 0.35:
            sentence += rng.choice([", ", ". ", " et ", "\n"]) + _filled(rng, rng.choice(TEMPLATES["anodines"]))
        texts[sentence] = None
    return list(texts)


def _filled(rng: Random, template: str) -> str:
    out = ""
    for piece in _pieces(template):
        out += _number(rng, piece[1:-1]) if piece.startswith("{") else piece
    return out


def _pieces(template: str) -> Iterator[str]:
    while "{" in template:
        before, _, template = template.partition("{")
        name, _, template = template.partition("}")
        yield before
        yield f"{{{name}}}"
    yield template


def _number(rng: Random, name: str) -> str:
    if name in TEMPLATES["nombres"]:
        return rng.choice(TEMPLATES["nombres"][name])
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2026)
    euros, cents = rng.randint(1, 30000), rng.randint(0, 99)
    return {
        "amount": lambda: rng.choice(
            [
                f"{euros} €",
                f"{euros},{cents:02} €",
                f"{euros:,}".replace(",", " ") + " euros",
                f"{euros}.{cents:02}",
                f"{euros}€{cents:02}",
            ]
        ),
        "percent": lambda: rng.choice(["70 %", "100%", "65 %", "30 pour cent", "7,5 %"]),
        "date": lambda: rng.choice(
            [
                f"{day:02}/{month:02}/{year}",
                f"{day}/{month}/{year % 100}",
                f"{day} {secrets.MONTHS[month - 1]} {year}",
                f"{day} {secrets.MONTHS[month - 1]}",
                f"{day:02}.{month:02}.{year}",
                f"{day:02}-{month:02}-{year}",
                f"{day:02}/{month:02}",
            ]
        ),
        "time": lambda: rng.choice(
            [
                f"{rng.randint(7, 19)} h {rng.choice(['00', '30', '15'])}",
                f"{rng.randint(7, 19)}h",
                f"{rng.randint(8, 19):02}:{rng.choice(['00', '30'])}",
            ]
        ),
        "few": lambda: str(rng.randint(1, 9)),
        "age": lambda: str(rng.randint(10, 99)),
        "days": lambda: str(rng.randint(2, 180)),
        "hours": lambda: str(rng.randint(100, 2030)),
        "year": lambda: str(rng.randint(1950, 2026)),
        "month": lambda: rng.choice(secrets.MONTHS),
        "reference": lambda: rng.choice(
            [
                f"{rng.randint(2020, 2026)}-{rng.randint(100000, 999999)}",
                f"{rng.randint(100000, 9999999)}",
                f"AB{rng.randint(1000, 99999)}",
                f"2026/{rng.randint(10, 999)}",
            ]
        ),
    }[name]()
