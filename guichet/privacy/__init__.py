"""Personal data: what is masked before storage, and how contacts are encrypted at rest (DESIGN §8)."""

from guichet.privacy.redaction import Redacted, redact, unmarked
from guichet.privacy.vault import Vault, load_vault

__all__ = ["Redacted", "Vault", "load_vault", "redact", "unmarked"]
