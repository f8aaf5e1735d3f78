"""The action server process: `python -m actions`, on loopback only."""

from __future__ import annotations

import os
import warnings

from rasa_sdk.executor import ActionExecutor

from guichet.settings import current


def main() -> None:
    # rasa-sdk 3.21 warns that Rasa 3.6.21 is older: the pair was checked by running it (DESIGN §2).
    warnings.filterwarnings("ignore", message=".*version.*rasa.*", category=UserWarning)
    settings = current()
    os.environ["SANIC_HOST"] = "127.0.0.1"
    from rasa_sdk.endpoint import create_app

    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])
    app.run(
        host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False, motd=False, debug=False
    )


if __name__ == "__main__":
    main()
