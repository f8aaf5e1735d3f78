"""What an evaluation says, told in French: the sections of its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from guichet.evaluate.evaluation import ALL, BOTH, CAREFUL, FAR, HALF, INSIDE, NEAR, NOISY, Confusion, Evaluation
from guichet.evaluate.measures import Rate
from guichet.evaluate.outcome import (
    ADMITTED,
    ANSWERED,
    CLARIFIED,
    CLARIFIED_ASIDE,
    CLARIFIED_WELL,
    MISTAKEN,
    REFUSED,
    RIGHT,
    Outcome,
)
from guichet.evaluate.report import (
    MET,
    MISSED,
    NOISE_NAMES,
    NOTHING,
    Curve,
    Plot,
    Report,
    Section,
    Table,
    decimal,
    percent,
    with_interval,
)
from guichet.evaluate.targets import TARGETS, Target
from guichet.questions import PROOF

__all__ = ["evaluation_report"]

GROUPS = {
    INSIDE: "dans le domaine",
    CAREFUL: "dont soignées",
    NOISY: "dont bruitées",
    NEAR: "hors du domaine, proches",
    FAR: "hors du domaine, lointaines",
    ALL: "toutes",
}
KINDS = {NEAR: "proche", FAR: "lointain", "": "non précisé"}
COVERAGES = tuple(n / 10 for n in range(1, 11))


def evaluation_report(evaluation: Evaluation) -> Report:
    """The sentences of the part `preuve` are left out: who reads them tunes on them."""
    part = f"part « {evaluation.part} »" if evaluation.part else "fichier sans parts"
    return Report(
        title="La compréhension de Guichet",
        note=f"{len(evaluation.outcomes)} questions, {part}. Entre parenthèses, l'intervalle à 95 % (Wilson).",
        sections=(
            _targets(evaluation),
            _accuracy(evaluation),
            _decisions(evaluation),
            _seconds(evaluation),
            _outside(evaluation),
            _calibration(evaluation),
            _risk(evaluation),
            _themes(evaluation),
            _confusions(evaluation),
        ),
    )


def _targets(evaluation: Evaluation) -> Section:
    judged = evaluation.part == PROOF
    note = "Un but est atteint ou manqué sur la mesure elle-même ; l'intervalle dit ce que le hasard y peut."
    if not judged:
        note = f"Les buts se jugent sur la part « {PROOF} » ; ici, ils ne sont que rappelés."
    columns: tuple[str, ...] = ("mesure", "obtenu", "but")
    rows = [(target.label, _measured(target.measure(evaluation)), _bound(target)) for target in TARGETS]
    if judged:
        columns = (*columns, "verdict")
        rows = [(*row, _verdict(target, evaluation)) for row, target in zip(rows, TARGETS, strict=True)]
    return Section("Les buts", note, (Table("Les mesures et leurs buts", columns, tuple(rows)),))


def _measured(found: Rate | float | None) -> str:
    return with_interval(found) if isinstance(found, Rate) else decimal(found)


def _bound(target: Target) -> str:
    bound = decimal(target.bound, 2) if target.name == "ece" else percent(target.bound)
    return f"{'≤' if target.at_most else '≥'} {bound}"


def _verdict(target: Target, evaluation: Evaluation) -> str:
    return {True: MET, False: MISSED, None: NOTHING}[target.met(evaluation)]


def _accuracy(evaluation: Evaluation) -> Section:
    columns = ("nombre", "en premier", "parmi les trois premiers")
    groups = Table(
        "Par groupe",
        ("questions", *columns),
        tuple(
            (name, str(len(evaluation.groups[group])), *map(with_interval, _both(evaluation.groups[group])))
            for group, name in GROUPS.items()
        ),
    )
    noises = Table(
        "Par genre de bruit, dans le domaine",
        ("bruit", *columns),
        tuple(
            (NOISE_NAMES.get(kind, kind), str(len(rows)), *map(with_interval, _both(rows)))
            for kind, rows in evaluation.noises.items()
        ),
    )
    note = "Une question est comprise quand son thème, ou un thème acceptable, vient en premier."
    return Section("Le bon thème", note, (groups, noises))


def _both(rows: Sequence[Outcome]) -> tuple[Rate, Rate]:
    return Rate(sum(one.first for one in rows), len(rows)), Rate(sum(one.third for one in rows), len(rows))


def _decisions(evaluation: Evaluation) -> Section:
    total = len(evaluation.groups[INSIDE])
    done = evaluation.decisions
    rows = [
        (decision, str(done[decision]), with_interval(Rate(done[decision], total)))
        for decision in (RIGHT, CLARIFIED_WELL, MISTAKEN, CLARIFIED_ASIDE, ADMITTED)
    ]
    rate = evaluation.turned_away
    rows.insert(3, ("  dont « hors sujet » dit à tort", str(rate.right), with_interval(rate)))
    for label, rate in (
        ("bonne réponse ou bonne clarification", evaluation.well_done),
        ("servies : une réponse ou une clarification", evaluation.served),
    ):
        rows.append((label, str(rate.right), with_interval(rate)))
    note = "Une clarification est bonne quand le bon thème est parmi ses boutons. Un aveu : « je n'ai pas compris »."
    table = Table("Questions du domaine", ("ce que le bot fait", "nombre", "part"), tuple(rows))
    return Section("Ce que le bot fait dans le domaine", note, (table,))


def _seconds(evaluation: Evaluation) -> Section:
    columns = ("ce que le bot fait", "nombre", "part")
    done, total = evaluation.seconds, evaluation.seconds.total()
    told = {RIGHT: "une seule des deux réponses"}
    kinds = (BOTH, RIGHT, HALF, CLARIFIED_WELL, MISTAKEN, CLARIFIED_ASIDE, ADMITTED) if total else ()
    doubles = tuple((told.get(kind, kind), str(done[kind]), with_interval(Rate(done[kind], total))) for kind in kinds)
    extra = evaluation.one_too_many
    singles = (("deux réponses, dont une de trop", str(extra.right), with_interval(extra)),)
    return Section(
        "Une question, ou deux",
        "Un message en pose deux quand sa ligne porte « second ». Une clarification est bonne si l'un des deux y est.",
        (Table("Messages de deux questions", columns, doubles), Table("Messages d'une question", columns, singles)),
    )


def _outside(evaluation: Evaluation) -> Section:
    columns = ("questions", "nombre", "refusées", "clarifiées", "réponse à tort", "AUROC")
    rows = tuple(
        (
            KINDS.get(kind, kind),
            str(done.total()),
            *(with_interval(Rate(done[decision], done.total())) for decision in (REFUSED, CLARIFIED, ANSWERED)),
            decimal(evaluation.auroc(kind)) if kind in (NEAR, FAR) else NOTHING,
        )
        for kind, done in evaluation.refusals.items()
    )
    note = (
        "Refusée : « hors sujet » dit, ou un aveu. AUROC : la chance qu'une question hors du domaine paraisse plus "
        "étrangère qu'une question du domaine (0,5 : au hasard ; 1 : toujours)."
    )
    return Section("Hors du domaine", note, (Table("Questions hors du domaine", columns, rows),))


def _calibration(evaluation: Evaluation) -> Section:
    trust = evaluation.trust[INSIDE]
    bins = Table(
        "Confiance annoncée et justesse obtenue, dans le domaine",
        ("tranche", "questions", "confiance moyenne", "bon thème en premier"),
        tuple(
            (str(n), str(one.total), percent(one.confidence), percent(one.accuracy))
            for n, one in enumerate(trust.bins, 1)
        ),
    )
    errors = Table(
        "Erreur de calibration (ECE)",
        ("questions", "ECE"),
        tuple((GROUPS[group], decimal(one.ece)) for group, one in evaluation.trust.items()),
    )
    plot = Plot(
        id="fiabilite",
        title="Diagramme de fiabilité",
        told="La justesse obtenue selon la confiance annoncée ; plus la ligne suit la diagonale, mieux c'est.",
        across="confiance du premier thème",
        upward="bon thème en premier",
        curves=(
            Curve("confiance parfaite", ((0.0, 0.0), (1.0, 1.0)), guide=True),
            Curve("Guichet", tuple((one.confidence, one.accuracy) for one in trust.bins)),
        ),
    )
    note = (
        "Quand le modèle annonce 80 %, il devrait avoir raison huit fois sur dix. L'ECE est l'écart moyen, sur 15 "
        "tranches de même effectif (Naeini 2015, Guo 2017). Les messages de crise, reconnus par règle, n'y sont pas."
    )
    return Section("La confiance est-elle juste ?", note, (bins, errors), plot)


def _risk(evaluation: Evaluation) -> Section:
    curve = evaluation.trust[INSIDE].curve
    rows = []
    for coverage in COVERAGES:
        reached = next((point for point in curve if point.coverage >= coverage - 1e-9), None)
        if reached:
            rows.append((percent(reached.coverage), percent(reached.risk), decimal(reached.confidence, 2)))
    steps = Table(
        "Part des erreurs selon la part des questions auxquelles on répond",
        ("on répond à", "erreurs parmi elles", "confiance à partir de"),
        tuple(dict.fromkeys(rows)),
        words=0,
    )
    areas = Table(
        "En un nombre",
        ("questions", "AURC", "couverture à 2 % d'erreurs", "couverture à 5 % d'erreurs"),
        tuple(
            (GROUPS[group], decimal(one.aurc), *map(percent, one.coverage.values()))
            for group, one in evaluation.trust.items()
        ),
    )
    points = tuple((point.coverage, point.risk) for point in curve)
    plot = Plot(
        id="risque",
        title="Courbe risque / couverture",
        told="La part d'erreurs quand on ne répond qu'aux questions les plus sûres ; la courbe doit être basse.",
        across="part des questions auxquelles on répond",
        upward="erreurs parmi elles",
        curves=(Curve("Guichet", points),),
        top=max(0.05, ceil(20 * max((risk for _, risk in points), default=1.0)) / 20),
    )
    note = (
        "Si le bot ne répondait qu'aux questions dont il est le plus sûr, combien de réponses seraient fausses ? "
        "AURC : la moyenne sur toute la courbe, le plus bas est le mieux."
    )
    return Section("Répondre moins pour se tromper moins", note, (steps, areas), plot)


def _themes(evaluation: Evaluation) -> Section:
    rows = sorted(evaluation.themes.items(), key=lambda row: (row[1].f1, row[0]))
    table = Table(
        "Par thème, les plus faibles d'abord",
        ("thème", "questions", "précision", "rappel", "F1"),
        tuple(
            (theme, str(one.total), percent(one.precision, 0), percent(one.recall, 0), decimal(one.f1, 2))
            for theme, one in rows
        ),
    )
    note = (
        f"Moyenne des F1 (macro-F1) : {decimal(evaluation.macro_f1)}. Précision : quand ce thème vient en premier, "
        "c'est le bon. Rappel : quand la question porte sur ce thème, il vient en premier."
    )
    return Section("Thème par thème", note, (table,))


def _confusions(evaluation: Evaluation) -> Section:
    hidden = evaluation.part == PROOF
    columns = ("thème attendu", "pris pour", *(() if hidden else ("questions",)), "nombre")
    rows = tuple(
        (pair.theme, pair.taken_for, *(() if hidden else (tuple(_sentences(pair)),)), str(len(pair.outcomes)))
        for pair in evaluation.confusions
    )
    note = f"Les phrases de la part « {PROOF} » ne sont pas montrées : elles mesurent, elles ne corrigent pas."
    if not hidden:
        note = "* : le bon thème n'est pas dans les trois premiers."
    table = Table("Par couple, les plus fréquents d'abord", columns, rows, words=len(columns) - 1)
    return Section("Confusions", note, (table,))


def _sentences(pair: Confusion) -> Iterator[str]:
    for one in pair.outcomes:
        yield f"« {one.question.text} »" + ("" if one.third else " *")
