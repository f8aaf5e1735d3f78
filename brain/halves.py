"""Where a message may go from one question to another: «j'ai perdu ma carte, et comment je change d'adresse ?».

Commas and «et» are everywhere, and most join the pieces of one question. A message is worth cutting after words that
ask for something, or where another question is announced. What its halves mean, brain/decision.py tells: two themes,
both sure. Measured on tests/brain/deux_questions.yml (docs/adr/0004-the-decision.md).
"""

from __future__ import annotations

import re
from typing import List, Text, Tuple

__all__ = ["MOST", "halves"]

MOST = 2  # cuts tried: each means two more texts to understand
SHORT = 12  # words of a message that is cut wherever it can be
SHORTEST = 2  # words of a half

_ANNOUNCE = (
    r"(?:et )?(?:aussi|puis|sinon|ensuite|après|au fait|d'ailleurs|par ailleurs|par contre|en plus|"
    r"autre (?:question|chose|souci|point|demande))\b"
)
JOINT = re.compile(
    r"(?P<mark>[,.?!;\n][\s,.?!;]*)?"
    rf"(?<!\w)(?:(?P<another>{_ANNOUNCE})|(?P<et>et)|ou alors|mais)(?!\w)[\s,:]*"
    r"|(?P<alone>[,.?!;\n][\s,.?!;]*)",
    re.IGNORECASE,
)
_QUESTION = (
    r"(?:comment|combien|quand|pourquoi|où|ou (?:je|est|sont|on|faire|trouver|envoyer|mettre)|est ce|quel(?:le)?s?|"
    r"c'est quoi|(?:puis|peux|suis|ai|dois) je|(?:peut|est) (?:on|il|elle|t)|faut|je (?:veux|voudrais|voulais|cherche)|"
    r"j'aimerais|il me faut|savoir)\b"
)
ASKS = re.compile(rf"\b{_QUESTION}", re.IGNORECASE)
STARTS = re.compile(rf"(?:(?:à|de|depuis|pour|dans) )?{_QUESTION}", re.IGNORECASE)
NEED = re.compile(  # what is asked without a question
    r"\b(?:quoi|qui|dois|besoin|perdue?s?|volée?s?|cassée?s?|attends|"
    r"(?:marche|passe|fonctionne|arrive|reçois) (?:pas|plus|jamais|rien)|(?:pas|rien|jamais) (?:reçu|eu|arrivée?s?))\b",
    re.IGNORECASE,
)


def halves(reading: Text) -> List[Tuple[Text, Text]]:
    """(before, after) each place where a second question may start, the likeliest places first, MOST of them."""
    words = [word.span() for word in re.finditer(r"\w+", reading)]
    if len(words) < 2 * SHORTEST:
        return []
    first, last = words[SHORTEST - 1][1], words[-SHORTEST][0]  # where a half is long enough to end, to start
    asked_at = min(
        (found.end() for found in (ASKS.search(reading), NEED.search(reading)) if found), default=len(reading)
    )
    places = []
    for joint in JOINT.finditer(reading, first):
        if joint.end() > last:
            break
        mark = joint["mark"] or joint["alone"] or ""
        asked = "?" in mark or asked_at <= joint.start()
        announced = bool(joint["another"]) or "\n" in mark
        asks = bool(STARTS.match(reading, joint.end()))
        if asked or announced or (joint["et"] and asks) or len(words) <= SHORT:
            likely = asked + announced + asks + bool(set(mark).intersection(".?!;"))
            places.append((-likely, joint.start(), joint.end()))
    return [(reading[:start].strip(), reading[end:].strip()) for _, start, end in sorted(places)[:MOST]]
