"""Crisis messages: recognised before anything else reads the text, with Rasa or without it (DESIGN §5.1, ADR 8)."""

from guichet.safety.detector import Detection, Detector, load
from guichet.safety.patterns import PatternError

__all__ = ["Detection", "Detector", "PatternError", "load"]
