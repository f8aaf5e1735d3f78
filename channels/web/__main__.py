"""The web process: `python -m channels.web`."""

from __future__ import annotations

import sys

from channels.web.app import create_app
from guichet.content import ContentError
from guichet.logs import configure_logs
from guichet.settings import SettingsError, current


def main() -> None:
    configure_logs()
    try:
        settings = current()
        app = create_app(settings)
    except (ContentError, SettingsError) as error:
        sys.exit(str(error))
    app.run(host=settings.web_host, port=settings.web_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
