"""`bin/guichet`: the command line."""

from guichet.cli import app

app()
