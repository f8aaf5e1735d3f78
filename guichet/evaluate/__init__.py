"""How well questions are understood: measures, their targets, and their report on a terminal, as JSON, as a page."""

from guichet.evaluate.evaluation import Evaluation
from guichet.evaluate.evaluation_report import evaluation_report
from guichet.evaluate.outcome import Outcome, outcomes
from guichet.evaluate.page import page
from guichet.evaluate.record import evaluation_record, robustness_record
from guichet.evaluate.report import Report
from guichet.evaluate.robustness import Robustness, careful, robustness
from guichet.evaluate.robustness_report import robustness_report

__all__ = [
    "Evaluation",
    "Outcome",
    "Report",
    "Robustness",
    "careful",
    "evaluation_record",
    "evaluation_report",
    "outcomes",
    "page",
    "robustness",
    "robustness_record",
    "robustness_report",
]
