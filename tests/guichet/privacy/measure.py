"""How much of what should be masked is, entity by entity: a secret of which one letter or digit is left is a miss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from guichet.privacy import redact
from guichet.privacy.redaction import find
from tests.guichet.privacy.messages import Message, Secret

__all__ = ["GROUPS", "Rates", "is_masked", "measure"]

GROUPS = {
    "checksum": ("nir", "iban", "rib", "carte"),
    "malformed or odd NIR": ("nir_malforme", "nia"),
    "birth dates": ("naissance",),
    "names and addresses": ("nom", "nom_titre", "prenom", "adresse"),
}


@dataclass
class Rates:
    total: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, Secret]] = field(default_factory=list)

    def add(self, text: str, secret: Secret, *, masked: bool) -> None:
        self.total[secret.kind] += 1
        self.masked[secret.kind] += masked
        if not masked:
            self.missed.append((text, secret))

    def of(self, kinds: Iterable[str]) -> float:
        kinds = [kind for kind in kinds if self.total[kind]]
        return sum(self.masked[kind] for kind in kinds) / sum(self.total[kind] for kind in kinds)

    def groups(self) -> dict[str, float]:
        return {name: self.of(kinds) for name, kinds in GROUPS.items() if any(self.total[kind] for kind in kinds)}

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {self.masked[kind]}/{total}" for kind, total in sorted(self.total.items()))
        groups = [f"{name} {rate:.2%}" for name, rate in self.groups().items()]
        return f"{self.of(self.total):.2%} of {self.total.total()} masked whole: {', '.join(groups)}\n  {kinds}"


def is_masked(text: str, secret: str, before: str = "") -> bool:
    """Wherever the secret stands in the text, all its letters and digits are masked."""
    hidden = {at for span in find(text, before) for at in range(span.start, span.end)}
    at = text.find(secret)
    assert at >= 0, (text, secret)
    while at >= 0:
        if any(text[n].isalnum() and n not in hidden for n in range(at, at + len(secret))):
            return False
        at = text.find(secret, at + 1)
    return True


def measure(messages: Iterable[Message]) -> Rates:
    rates = Rates()
    for message in messages:
        kept = redact(message.before).text if message.before else ""
        for secret in message.before_secrets:
            rates.add(message.before, secret, masked=is_masked(message.before, secret.text))
        for secret in message.secrets:
            rates.add(message.text, secret, masked=is_masked(message.text, secret.text, kept))
    return rates
