"""Invented personal data with right keys, in the many ways people write it. Every function takes a seeded Random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from unicodedata import normalize

from ruamel.yaml import YAML
from stdnum import luhn
from stdnum.fr import nir as nir_key
from stdnum.fr import siren as siren_key
from stdnum.iso7064 import mod_97_10

TEMPLATES = YAML(typ="safe").load((Path(__file__).parent / "modeles.yml").read_text(encoding="utf-8"))
FIRST_NAMES, LAST_NAMES = TEMPLATES["prenoms"], TEMPLATES["noms"]
TOWNS, STREETS = TEMPLATES["villes"], TEMPLATES["rues"]
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
SHORT_MONTHS = ["janv.", "fév", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct.", "nov", "déc"]
DOMAINS = [
    "gmail.com",
    "orange.fr",
    "hotmail.fr",
    "free.fr",
    "laposte.net",
    "yahoo.fr",
    "ac-nantes.fr",
    "univ-lyon1.fr",
    "sfr.fr",
]
SEPARATORS = [" ", "", ".", "-", "  ", "\u00a0", "\u202f", "_", "/", " - ", "–"]


def digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


# --- numéro de sécurité sociale


def nir(rng: Random, *, odd: bool = False, sexes: str = "12", invalid_month: bool = False) -> str:
    """13 characters. `odd`: months of birth dates that are not known."""
    month = rng.randint(1, 12)
    if odd:
        month = rng.choice([20, *range(30, 43), *range(50, 100)])
    if invalid_month:
        month = rng.choice([0, *range(13, 20), *range(43, 50)])
    mainland = rng.choice([n for n in range(1, 96) if n != 20])
    place = rng.choice(
        [f"{mainland:02}{rng.randint(1, 899):03}"] * 6
        + [f"2{rng.choice('AB')}{rng.randint(1, 360):03}", f"97{rng.randint(1, 6)}{rng.randint(1, 40):02}"]
        + [f"99{rng.randint(100, 500)}"]
    )
    return f"{rng.choice(sexes)}{rng.randint(0, 99):02}{month:02}{place}{rng.randint(1, 999):03}"


def with_key(number: str) -> str:
    return number + nir_key.calc_check_digits(number + "00")


def wrong_key(rng: Random, number: str) -> str:
    right = int(nir_key.calc_check_digits(number + "00"))
    return f"{number}{(right + rng.randint(1, 96) - 1) % 97 + 1:02}"


def groups(number: str, separator: str) -> str:
    """As the carte Vitale prints it."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return separator.join(number[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if number[a:b])


def written(rng: Random, number: str) -> str:
    """A NIR as people type it."""
    style = rng.randrange(9)
    if style == 0:
        return number
    if style == 1 and len(number) == 15:
        return f"{number[:13]} {rng.choice(['clé', 'cle', 'clé :', 'Clé', '-', '/', ''])} {number[13:]}".replace(
            "  ", " "
        )
    if style == 2:
        return " ".join(number)
    if style == 3:
        return groups(number, " ").lower() if rng.random() < 0.5 else f"({groups(number, ' ')})"
    if style == 4:
        return other_digits(rng, groups(number, rng.choice(["", " "])))
    if style == 5:
        return f"{number[:1]} {number[1:5]} {number[5:10]} {number[10:]}"
    return groups(number, rng.choice(SEPARATORS))


def other_digits(rng: Random, text: str) -> str:
    """In full-width or Arabic-Indic digits, or the letters O and l for 0 and 1."""
    style = rng.randrange(4)
    if style == 0:
        return text.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    if style == 1:
        return text.translate({ord("0") + n: chr(0x0660 + n) for n in range(10)})
    return text.replace("0", "O") if style == 2 else text.replace("1", rng.choice("lI"))


def one_forgotten(rng: Random, number: str) -> str:
    at = rng.randrange(1, len(number))
    return number[:at] + number[at + 1 :]


def one_added(rng: Random, number: str) -> str:
    at = rng.randrange(1, len(number))
    return number[:at] + digits(rng, 1) + number[at:]


# --- accounts and cards


def iban(rng: Random) -> str:
    country, body = rng.choice(
        [("FR", rib(rng))] * 6
        + [("BE", be_account(rng)), ("DE", digits(rng, 18)), ("LU", digits(rng, 16)), ("ES", digits(rng, 20))]
    )
    number = f"{country}{mod_97_10.calc_check_digits(f'{body}{country}')}{body}"
    by_fours = " ".join(number[n : n + 4] for n in range(0, len(number), 4))
    return rng.choice(
        [number, by_fours, by_fours, by_fours.lower(), by_fours.replace(" ", "-"), by_fours.replace(" ", "\u00a0")]
    )


def be_account(rng: Random) -> str:
    number = digits(rng, 10)
    return f"{number}{int(number) % 97 or 97:02}"


def rib(rng: Random) -> str:
    """23 characters: bank, branch, account, key."""
    bank, branch, account = digits(rng, 5), digits(rng, 5), digits(rng, 11)
    if rng.random() < 0.3:
        account = account[:5] + rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + account[6:]
    values = {
        **{c: str(n % 9 + 1) for n, c in enumerate("ABCDEFGHIJKLMNOPQR")},
        **{c: str(n + 2) for n, c in enumerate("STUVWXYZ")},
    }
    number = int("".join(values.get(char, char) for char in account))
    return f"{bank}{branch}{account}{97 - (89 * int(bank) + 15 * int(branch) + 3 * number) % 97:02}"


def rib_written(rng: Random) -> str:
    number = rib(rng)
    parts = [number[:5], number[5:10], number[10:21], number[21:]]
    if rng.random() < 0.25:
        return "{} guichet {} compte {} clé {}".format(*parts)
    return rng.choice([" ", " ", "", "-", " / "]).join(parts)


def card(rng: Random) -> str:
    start = rng.choice(["4970", "5132", "4532", "5355", "2223"]) + digits(rng, 11)
    number = start + luhn.calc_check_digit(start)
    return rng.choice([" ", "", "-", "."]).join(number[n : n + 4] for n in range(0, 16, 4))


def amex(rng: Random) -> str:
    start = "37" + digits(rng, 12)
    number = start + luhn.calc_check_digit(start)
    return f"{number[:4]} {number[4:10]} {number[10:]}"


def european_card(rng: Random) -> str:
    number = "80250000" + digits(rng, 12)
    return rng.choice([number, " ".join(number[n : n + 4] for n in range(0, 20, 4)), f"{number[:10]} {number[10:]}"])


# --- contacts


def phone(rng: Random) -> str:
    start = rng.choice(
        ["1", "2", "3", "4", "5", "6", "6", "6", "7", "7", "9", "262", "590", "594", "596", "692", "690", "696", "639"]
    )
    national = start + digits(rng, 9 - len(start))
    by_pairs = ["0" + national[0], *(national[n : n + 2] for n in range(1, 9, 2))]
    style = rng.randrange(8)
    if style < 4:
        return rng.choice([" ", " ", ".", "-", "", "/", "\u00a0"]).join(by_pairs)
    if style == 4:
        prefix = rng.choice(["+33 ", "+33", "0033 ", "0033", "+33 (0)", "(+33) "])
        return prefix + rng.choice([" ", ""]).join([national[0], *by_pairs[1:]])
    if style == 5:
        return " ".join("0" + national)
    if style == 6:
        return f"0{national[:3]} {national[3:6]} {national[6:]}"
    area = rng.choice(["262", "590", "594", "596"])
    start = rng.choice([area, f"69{digits(rng, 1)}"])
    return " ".join([f"+{area}", start, *(digits(rng, 2) for _ in range(3))])


def email(rng: Random) -> str:
    first, last = plain(rng.choice(FIRST_NAMES)), plain(rng.choice(LAST_NAMES))
    name = rng.choice(
        [
            f"{first}.{last}",
            f"{first}{rng.randint(1, 99)}",
            f"{first[0]}_{last}",
            f"{last}-{first}",
            f"{first}.{last}+secu",
        ]
    )
    domain = rng.choice(DOMAINS)
    address = rng.choice(
        [f"{name}@{domain}"] * 5
        + [f"{name} @ {domain}", f"{name}[at]{domain}", f"{name} (at) {domain}", f"{name} [arobase] {domain}"]
    )
    if rng.random() < 0.15:
        address = f"{name} arobase {domain}".replace(".", " point ")
    return address.upper() if rng.random() < 0.05 else address


def plain(name: str) -> str:
    return "".join(c for c in normalize("NFKD", name.lower()) if c.isalpha() and c.isascii()) or "x"


# --- people


def birth_date(rng: Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1925, 2024)
    return rng.choice(
        [
            f"{day:02}/{month:02}/{year}",
            f"{day}/{month}/{year}",
            f"{day:02}-{month:02}-{year}",
            f"{day:02}.{month:02}.{year}",
            f"{day:02} {month:02} {year}",
            f"{day:02}{month:02}{year}",
            f"{day:02}/{month:02}/{year % 100:02}",
            f"{'1er' if day == 1 else day} {MONTHS[month - 1]} {year}",
            f"{day} {MONTHS[month - 1]} {year % 100:02}",
            f"{day} {SHORT_MONTHS[month - 1]} {year}",
            f"{day} {MONTHS[month - 1].upper()} {year}",
            f"{year}-{month:02}-{day:02}",
            f"{day}{MONTHS[month - 1]}{year}",
            f"{day} / {month} / {year}",
            f"{day} du {month} {year}",
            f"{day}.{month}.{year % 100:02}",
        ]
    )


def name(rng: Random) -> str:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES).replace("Da-S", "Da S").replace("Le-G", "Le G")
    return rng.choice(
        [f"{first} {last}"] * 3
        + [f"{first} {last.upper()}", f"{last.upper()} {first}", f"{first} {last}".lower(), f"{first}"]
    )


def full_name(rng: Random) -> str:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES).replace("Da-S", "Da S").replace("Le-G", "Le G")
    return rng.choice([f"{first} {last}", f"{first} {last.upper()}"])


def family_name(rng: Random) -> str:
    last = rng.choice(LAST_NAMES).replace("Da-S", "Da S").replace("Le-G", "Le G")
    return rng.choice([last, last, last.upper()])


def first_name(rng: Random) -> str:
    return rng.choice(FIRST_NAMES)


def address(rng: Random) -> str:
    number, street, town = (
        rng.choice([f"{rng.randint(1, 250)}", f"{rng.randint(1, 99)} bis", f"{rng.randint(1, 30)}ter"]),
        rng.choice(STREETS),
        rng.choice(TOWNS),
    )
    town = town.replace("Le-M", "Le M").replace("La-R", "La R")
    code = f"{rng.randint(1, 95):02}{rng.randint(0, 99):02}0"
    full = f"{number}{rng.choice([' ', ', '])}{street}{rng.choice([', ', ' ', ' - ', chr(10)])}{code} {town}"
    floor = f"{number} {street}, {rng.choice(['bât B', 'appt 12', 'appartement 304', '3e étage'])}, {code} {town}"
    return rng.choice(
        [
            full,
            full,
            full.lower(),
            full.upper(),
            floor,
            f"{number} {street} à {town}",
            f"{number} {street}",
            f"{street.capitalize()}, {code} {town}",
            f"BP {rng.randint(1, 999)}, {code} {town} cedex",
            f"{number.split()[0]} grande rue, {code} {town}",
        ]
    )


def professional(rng: Random) -> str:
    return "10" + digits(rng, 9)


def plate(rng: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    a, b = rng.choice(letters) + rng.choice(letters), rng.choice(letters) + rng.choice(letters)
    return rng.choice([f"{a}-{digits(rng, 3)}-{b}", f"{a}{digits(rng, 3)}{b}", f"{a}-{digits(rng, 3)}-{b}".lower()])


def identity_card(rng: Random) -> str:
    letters = [rng.choice("XDRTHKLMP") for _ in range(3)]
    new = f"{letters[0]}{digits(rng, 1)}{letters[1]}{digits(rng, 2)}{letters[2]}{digits(rng, 3)}"
    return rng.choice([digits(rng, 12), new])


def password(rng: Random) -> str:
    return rng.choice(
        [
            f"{rng.choice(FIRST_NAMES)}{rng.randint(1950, 2020)}!",
            f"Soleil{digits(rng, 2)}",
            f"azerty{digits(rng, 3)}",
            f"Ch@t0n-{digits(rng, 2)}",
            f"mon{digits(rng, 4)}CHAT",
        ]
    )


def siret(rng: Random) -> str:
    start = digits(rng, 8)
    number = start + siren_key.luhn.calc_check_digit(start) + "000"
    full = number + digits(rng, 1)
    return full + luhn.calc_check_digit(full)


# kind -> how one is made
MAKERS: dict[str, Callable[[Random], str]] = {
    "nir": lambda rng: written(rng, with_key(nir(rng))),
    "iban": iban,
    "rib": rib_written,
    "carte": lambda rng: amex(rng) if rng.random() < 0.1 else card(rng),
    "telephone": phone,
    "email": email,
    "naissance": birth_date,
    "nom": name,
    "adresse": address,
    "carte_europeenne": european_card,
    "caf": lambda rng: (
        digits(rng, 7).replace("0", "4") + rng.choice(["", " " + rng.choice("ABCDEFGH"), rng.choice("JKLM")])
    ),
    "passeport": lambda rng: (
        f"{digits(rng, 2)}{rng.choice('ABCDEFGHJKLM')}{rng.choice('ABCDEFGHJKLM')}{digits(rng, 5)}"
    ),
    "cni": identity_card,
    "plaque": plate,
    "rpps": professional,
    "mot_de_passe": password,
}
