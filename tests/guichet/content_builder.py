"""A tiny data/ without a fault, for tests to spoil one thing at a time."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ANSWER", "examples", "theme_text", "write_data"]

THEMES = ("ma_carte", "mon_rib", "ma_caisse")
ANSWER = """\
Commandez la carte dans votre compte ameli, rubrique Mes démarches. Elle est gratuite.

Préparez une photo et une pièce d'identité. Elle arrive chez vous par la poste, en deux ou trois semaines.

Sans internet, appelez le [36 46](tel:3646) ou allez à l'accueil de votre caisse."""

WORDS = (  # noqa: SIM905 - one word a line would fill a screen
    "abeille balcon cerise dragon écharpe fenêtre girafe hibou igloo jardin kayak lampe montagne nuage orange piano "
    "quille rivière sabot tambour usine vélo wagon xylophone yaourt zèbre bouclier caravane domino étoile fougère "
    "galet harpe image jonquille képi lézard moulin nacre olive panier quiche ruban sifflet trompette urne violon "
    "wapiti yole zeste arrosoir bougie crayon dune éponge flûte gant hache iris jupe"
).split()


def examples(start: int, count: int = 30) -> list[str]:
    """Phrases that share nothing, the last one long; 0, 20 and 40 give three lists without a common pair of words."""
    size, step = len(WORDS), 3 + start // 2
    short = [f"{WORDS[(start + n) % size]} {WORDS[(start + n + step) % size]}" for n in range(count - 1)]
    return [*short, " ".join(WORDS[(start + 7 * n) % size] for n in range(26))]


def theme_text(theme: str, phrases: list[str], *, answer: str = ANSWER, metadata: str = "", responses: str = "") -> str:
    """A theme file. `metadata` lines come after the usual ones and `responses` after the answer, both ready made."""
    lines = "\n".join(f"    - {phrase}" for phrase in phrases)
    said = "\n".join(f"      {line}" if line else "" for line in answer.splitlines())
    near = ", ".join(other for other in THEMES if other != theme)
    return f"""\
version: "3.1"
nlu:
- intent: {theme}
  metadata:
    titre: Un titre court
    teleservices: [commande]
    source: https://www.ameli.fr/assure
    verifie_le: 2026-01-01
    a_revoir_le: 2027-01-01
    proches: [{near}]
{metadata}  examples: |
{lines}
responses:
  utter_{theme}:
  - text: |-
{said}
{responses}"""


def write_data(root: Path) -> Path:
    """Three themes of the family `compte`, and every registry; returns data/."""
    data = root / "data"
    for n, theme in enumerate(THEMES):
        _write(data / "themes" / "compte" / f"{theme}.yml", theme_text(theme, examples(20 * n)))
    for name, text in REGISTRIES.items():
        _write(data / f"{name}.yml", text)
    _write(
        data / "dialogue" / "vagues.yml", 'version: "3.1"\nnlu:\n- intent: clarification\n  examples: |\n    - truc\n'
    )
    return data


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


REGISTRIES = {
    "catalogue": """\
themes:
  ma_carte: {famille: compte, definition: "Avoir une carte."}
  mon_rib: {famille: compte, definition: "Donner un compte."}
  ma_caisse: {famille: compte, definition: "Changer de caisse."}
sigles_connus: [RIB]
sites_officiels: [ameli.fr]
""",
    "teleservices": """\
teleservices:
  commande:
    libelle: "Commander ma carte"
    url: https://assure.ameli.fr/
    connexion: true
""",
    "montants": """\
montants:
  franchise:
    libelle: "Franchise"
    valeur: "1"
    unite: "€"
    source: https://www.ameli.fr/franchises
""",
    "precisions": """\
precisions:
  delai:
    libelle: Combien de temps ?
    phrases: [combien de temps]
""",
    "organismes": """\
organismes:
  caf:
    nom: "Caf"
    role: "Elle verse des allocations."
    mots: [dossier caf]
    url: https://www.caf.fr/
""",
    "caisses": 'caisses:\n- {id: cpam_01, departement: "01", nom: "CPAM de l\'Ain"}\ndepartements:\n  "01": Ain\n',
    "textes": """\
textes:
  accueil: |-
    Bonjour. Posez votre question.
  choix_oui: Oui, merci
frequents: [ma_carte]
frequents_pour: {enfant: [ma_carte]}
""",
}
