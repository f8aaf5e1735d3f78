"""The public web process: conversations, messages and the widget's files (DESIGN §6)."""
