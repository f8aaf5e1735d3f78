"""Settings come from the environment that is passed in, and contradictions are refused in French."""

from pathlib import Path

import pytest

from guichet.settings import Settings, SettingsError


def test_the_defaults_need_nothing():
    settings = Settings.from_env({})
    assert settings.web_host == "127.0.0.1"
    assert settings.database.startswith("sqlite:///")


def test_each_kind_of_value_is_read():
    settings = Settings.from_env(
        {
            "GUICHET_WEB_PORT": "9000",
            "GUICHET_REPLY_WAIT": "1.5",
            "GUICHET_COOKIES_SECURE": "oui",
            "GUICHET_CORS_ORIGINS": "https://a.fr, https://b.fr",
            "GUICHET_VAR_DIR": "/tmp/x",
            "DATABASE_URL": "postgres://u:p@h/d",
        }
    )
    assert (settings.web_port, settings.reply_wait, settings.cookies_secure) == (9000, 1.5, True)
    assert settings.cors_origins == ("https://a.fr", "https://b.fr")
    assert settings.var_dir == Path("/tmp/x")
    assert settings.database == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"GUICHET_WEB_PORT": "huit"}, "GUICHET_WEB_PORT"),
        ({"ACTION_TIMEOUT": "50"}, "en ordre"),
        ({"TICKET_LOCK_LIFETIME": "10"}, "en ordre"),
        ({"GUICHET_REPLY_WAIT": "50"}, "en ordre"),
        ({"GUICHET_REPLY_WAIT": "25"}, "le navigateur"),
        ({"GUICHET_REPLY_WAIT": "nan"}, "GUICHET_REPLY_WAIT"),
        ({"GUICHET_TURN_TIMEOUT": "inf"}, "GUICHET_TURN_TIMEOUT"),
        ({"GUICHET_TURN_TIMEOUT": "-1"}, "GUICHET_TURN_TIMEOUT"),
        ({"TICKET_LOCK_LIFETIME": "60.5"}, "entier"),
        ({"GUICHET_TEXT_LIMIT": "0"}, "GUICHET_TEXT_LIMIT"),
        ({"GUICHET_BRAIN_PORT": "70000"}, "GUICHET_BRAIN_PORT"),
        ({"GUICHET_IDENTITY_KEY": "court"}, "trop courte"),
        ({"GUICHET_IDENTITY_KEY": "k" * 32, "GUICHET_IDENTITY_ALGORITHM": "none"}, "GUICHET_IDENTITY_ALGORITHM"),
        ({"GUICHET_CORS_ORIGINS": "*"}, "origines exactes"),
        ({"GUICHET_MAIL_TRANSPORT": "pigeon"}, "maildir"),
        ({"GUICHET_SMTP_SECURITY": "ssl"}, "starttls"),
        ({"GUICHET_STAFF_TOTP": "non"}, "required"),
        ({"GUICHET_MAIL_BOXES": "cpam_49"}, "caisse=adresse"),
    ],
)
def test_a_bad_setting_says_which_and_what_to_do(env, said):
    with pytest.raises(SettingsError, match=said):
        Settings.from_env(env)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - what an operator may write
        ("::", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("guichet.internal", "http://guichet.internal:8000"),
    ],
)
def test_this_machine_knows_where_to_reach_the_site(host, url):
    assert Settings(web_host=host).web_url == url


def test_caisses_may_have_their_own_box():
    assert Settings(mail_boxes=("cpam_49=boite@exemple.fr",)).boxes == {"cpam_49": "boite@exemple.fr"}
