"""The console process: `python -m console`."""

from __future__ import annotations

import sys

from console.app import create_app
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
    app.run(host=settings.console_host, port=settings.console_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
