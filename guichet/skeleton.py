"""`guichet new theme`: a theme file to fill, for a theme of the catalogue that has none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from guichet.check.finding import PLACEHOLDER
from guichet.content.themes import read_yaml

__all__ = ["SkeletonRefused", "write_skeleton"]

TEXT = """\
# {definition}
version: "3.1"
nlu:
- intent: {theme}
  metadata:
    titre: {placeholder}             # quelques mots ; plus de 40 caractères : ajoutez « bouton: », plus court
    teleservices: []                 # 1 à 3 identifiants de data/teleservices.yml, le plus utile d'abord
    source: {placeholder}            # la page officielle où les faits ont été lus
    # verifie_le: AAAA-MM-JJ         # la plus ancienne date des sources ; jamais le jour même faute de mieux
    a_revoir_le: {review}
    proches: []                      # 2 à 4 thèmes que la personne a pu vouloir dire
    preuves:
    - {{fait: "{placeholder}", source: "{placeholder}"}}   # une ligne par fait ; « date: » si on la connaît
  examples: |
    - {placeholder}
responses:
  utter_{theme}:
  - text: |-
      {placeholder}
  # Une précision, si les gens la demandent (data/precisions.yml) :
  # utter_{theme}__delai:
  # - text: |-
  #     ...
"""


class SkeletonRefused(ValueError):
    """The file cannot be made; the text says why and what to do (in French)."""


def write_skeleton(data: Path, theme: str, today: date) -> Path:
    """Write the file and return its path. Raises SkeletonRefused for an unknown theme or one that has its file."""
    rows = read_yaml(data / "catalogue.yml")["themes"]
    if theme not in rows:
        raise SkeletonRefused(
            f"« {theme} » n'est pas dans data/catalogue.yml. Vérifiez l'orthographe ; si c'est un besoin nouveau, "
            "ajoutez-y d'abord son entrée (famille et définition), puis relancez."
        )
    path = data / "themes" / rows[theme]["famille"] / f"{theme}.yml"
    if path.exists():
        shown = path.relative_to(data.parent)
        raise SkeletonRefused(f"{shown} existe déjà. Ouvrez-le et modifiez-le : rien n'a été changé.")
    text = TEXT.format(
        theme=theme,
        definition=rows[theme]["definition"],
        placeholder=PLACEHOLDER,
        review=_in_a_year(today).isoformat(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _in_a_year(today: date) -> date:
    try:
        return today.replace(year=today.year + 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year + 1, day=28)
