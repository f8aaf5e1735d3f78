"""The commands of `bin/guichet`; each is a few lines over a function that tests and screens call too."""

from __future__ import annotations

import typer

from guichet.cli import authors, data, demo, mail, measures, service, staff

__all__ = ["app"]

app = typer.Typer(
    help="Guichet : l'assistant, son contenu et ses outils.", no_args_is_help=True, pretty_exceptions_enable=False
)
app.command()(service.run)
app.command()(service.train)
app.command()(service.migrate)
app.command()(service.key)
app.command()(authors.check)
app.add_typer(authors.new, name="new")
app.command("try")(authors.try_command)
app.command()(authors.talk)
app.command()(authors.diff)
app.command()(measures.evaluate)
app.command("robustness")(measures.robustness_command)
app.add_typer(staff.staff, name="staff")
app.command("audit")(staff.audit_command)
app.add_typer(mail.mail, name="mail")
app.command()(data.purge)
app.add_typer(data.person, name="person")
app.add_typer(data.privacy, name="privacy")
app.command("demo")(demo.demo_command)
