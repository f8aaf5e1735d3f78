"""What a robustness test says, told in French: the sections of its report."""

from __future__ import annotations

from guichet.evaluate.report import NOISE_NAMES, Report, Section, Table, decimal, percent, with_interval
from guichet.evaluate.robustness import Drop, Robustness
from guichet.noise import NOISES

__all__ = ["robustness_report"]

WORST = 10  # themes
COLUMNS = ("textes", "propre, en premier", "abîmé, en premier", "abîmé, parmi trois", "perte (points)")


def robustness_report(found: Robustness) -> Report:
    """By kind of noise, then by theme, those that lose most first."""
    part = f"part « {found.part} »" if found.part else "fichier sans parts"
    told = f"{found.questions} questions soignées du domaine, {part}"
    return Report(
        title="La résistance de Guichet au bruit",
        note=f"{told}, abîmées de {len(NOISES)} façons : {len(found.trials)} textes.",
        sections=(_kinds(found), _worst(found), _themes(found)),
    )


def _kinds(found: Robustness) -> Section:
    rows = [(NOISE_NAMES[kind], *_numbers(drop)) for kind, drop in found.kinds.items()]
    rows.append(("ensemble", *_numbers(found.total)))
    note = (
        "Chaque texte abîmé est comparé au même texte propre. Un texte que le bruit ne change pas (pas d'accent à "
        "enlever) n'est pas compté."
    )
    return Section("Par genre de bruit", note, (Table("Le bon thème", ("bruit", *COLUMNS), tuple(rows)),))


def _worst(found: Robustness) -> Section:
    rows = []
    for theme, drop in list(found.themes.items())[:WORST]:
        costly = [(kind, one) for kind, one in found.kinds_of(theme).items() if one.lost > 0]
        if drop.lost > 0:
            told = tuple(f"{NOISE_NAMES[kind]} : {_points(one)}" for kind, one in costly)
            rows.append((theme, told, _points(drop)))
    table = Table("Thèmes", ("thème", "bruits qui lui coûtent (points)", "perte (points)"), tuple(rows), words=2)
    note = "Il leur manque des exemples de ces genres : SMS, fautes, français hésitant … (docs/fr/rediger.md)."
    return Section(f"Les {WORST} thèmes qui perdent le plus", note, (table,))


def _themes(found: Robustness) -> Section:
    rows = tuple((theme, *_numbers(drop)) for theme, drop in found.themes.items())
    note = "Peu de questions par thème : une perte isolée ne prouve rien, une perte répétée dit où écrire des exemples."
    return Section("Thème par thème", note, (Table("Le bon thème, par thème", ("thème", *COLUMNS), rows),))


def _numbers(drop: Drop) -> tuple[str, ...]:
    clean, third = percent(drop.clean.value), percent(drop.third.value)
    return str(drop.noisy.total), clean, with_interval(drop.noisy), third, _points(drop)


def _points(drop: Drop) -> str:
    return decimal(100 * drop.lost, 1)
