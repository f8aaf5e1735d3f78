"""The relay process: `python -m channels.mail`. SIGTERM and SIGINT let it finish the mail in hand."""

from __future__ import annotations

import signal
import sys

from channels.mail.addresses import AddressRefused
from channels.mail.compose import Composer
from channels.mail.relay import Relay
from channels.mail.transports import transport_for
from guichet.content import ContentError, load_content
from guichet.logs import configure_logs
from guichet.privacy import load_vault
from guichet.settings import Settings, SettingsError, current
from guichet.store import Store, open_store


def make_relay(settings: Settings, store: Store) -> Relay:
    """A relay as the settings describe it. Raises SettingsError, ContentError or AddressRefused, in French."""
    composer = Composer(settings, load_content(settings.data_dir), load_vault(settings))
    return Relay(store, transport_for(settings), composer, settings)


def main() -> None:
    configure_logs()
    try:
        settings = current()
        store = open_store(settings.database)
        relay = make_relay(settings, store)
    except AddressRefused as error:
        sys.exit(f"{error} Corrigez GUICHET_MAIL_FROM, GUICHET_MAIL_DEFAULT_BOX ou GUICHET_MAIL_BOXES.")
    except (ContentError, SettingsError) as error:
        sys.exit(str(error))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    try:
        relay.run()
    finally:
        store.close()


if __name__ == "__main__":
    main()
