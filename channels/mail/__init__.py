"""The mail channel: hand-off mails composed, and delivered until done, by the relay process (DESIGN §7)."""
