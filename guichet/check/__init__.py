"""`guichet check`: what makes bad content hard to publish. The CLI, the tests and the studio call `check`."""

from guichet.check.checker import check
from guichet.check.finding import ERROR, WARNING, Finding
from guichet.check.strays import FindStrays, VectorsFailed, find_strays

__all__ = ["ERROR", "WARNING", "FindStrays", "Finding", "VectorsFailed", "check", "find_strays"]
