"""The ways in and out: the web channel and the mail channel, one process each."""
