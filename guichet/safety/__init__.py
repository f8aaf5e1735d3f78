"""Crisis messages: recognised by rule, before anything else reads the text (DESIGN §5.1)."""

from guichet.safety.detector import Detection, Detector, load
from guichet.safety.patterns import PatternError

__all__ = ["Detection", "Detector", "PatternError", "load"]
