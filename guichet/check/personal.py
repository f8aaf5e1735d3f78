"""Personal data in examples: a phrase copied from a real message must not carry anyone's identity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guichet.check.files import Example
from guichet.check.finding import Finding
from guichet.privacy import redact

__all__ = ["findings"]


def findings(examples: Iterable[Example]) -> Iterator[Finding]:
    """Each example that holds what the service masks in messages."""
    for example in examples:
        masked = redact(example.text)
        if masked.kinds:  # what is shown is the masked phrase: a report must not spread what it found
            yield example.file.error(
                example.line,
                "donnee-personnelle",
                f"une donnée personnelle dans un exemple : « {masked.text} ».",
                "l'identité d'une personne est gardée dans le modèle et dans l'historique du projet.",
                "enlevez-la ; si c'est celle d'une vraie personne, prévenez le délégué à la protection des données.",
            )
