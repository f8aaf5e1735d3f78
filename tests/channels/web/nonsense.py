"""Bodies, headers, methods and addresses that nobody would write, for Hypothesis to draw from."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote_from_bytes

import jwt
from hypothesis import strategies as st

from tests.channels.web.contract import contract

__all__ = ["HOST", "KEY", "NONSENSE", "WORDS", "signed"]

KEY = "une clé de trente-deux octets au moins, pour les essais"
HOST = "https://hote.exemple.fr"
ROUTES = [path for path in contract().document["paths"] if "{" not in path]
FIELDS = ["id", "text", "choice", "email", "departement", "name", "message", "consent", "seq", "reason", "teleservice"]
ANY = st.characters(exclude_categories=())  # halves of surrogate pairs and NUL included
WORDS = st.one_of(
    st.text(ANY, max_size=40),
    st.uuids().map(str),
    st.sampled_from(
        ["je veux mourir", "1.0", "\0", "\ud800", "x" * 2001, "49", "a@exemple.fr", "incomplete", "1_0" * 12]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.sampled_from([10**400, 10**9, -1, 0]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS) | WORDS, VALUES, max_size=8)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "utf-7"])


def signed(header: str, claims: object) -> str:
    """A JWT with the host site's signature, whatever its header and claims are."""
    body = b".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in (header, json.dumps(claims)))
    seal = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(body, KEY.encode())
    return (body + b"." + base64.urlsafe_b64encode(seal).rstrip(b"=")).decode()


@st.composite
def identities(draw: st.DrawFn) -> bytes:
    """A body with a JWT of claims, or of a header, that no host site would write."""
    claims = {"sub": "x", "aud": "guichet", "exp": 9_999_999_999}
    claims |= draw(st.dictionaries(st.sampled_from([*claims, "email", "departement", "nbf"]), VALUES, max_size=3))
    header = draw(st.just({"alg": "HS256"}) | OBJECTS)
    return json.dumps({"identity": signed(json.dumps(header), claims)}).encode()


@st.composite
def altered(draw: st.DrawFn) -> dict:
    """A body as it should be, but for a field or two."""
    form = {"email": "a@exemple.fr", "departement": "49", "name": "Camille", "message": "Ma carte ?", "consent": True}
    rest = draw(st.sampled_from([{"text": "bonjour"}, {"choice": "1.0"}, form, {"seq": 1, "reason": "incomplete"}]))
    body = {"id": draw(st.uuids().map(str))} | rest
    return body | draw(st.dictionaries(st.sampled_from(sorted(body)), VALUES, max_size=2))


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A body as it should be, with some bytes cut out and others put in."""
    whole = json.dumps(draw(altered()), ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    start, length = draw(st.integers(0, len(whole))), draw(st.integers(0, 20))
    return whole[:start] + draw(st.binary(max_size=8)) + whole[start + length :]


BODIES = st.one_of(
    altered().map(lambda value: json.dumps(value).encode()),
    altered().map(lambda value: json.dumps(value).encode()),
    (OBJECTS | VALUES).map(lambda value: json.dumps(value).encode()),
    st.tuples(OBJECTS, CODECS).map(lambda drawn: json.dumps(drawn[0], ensure_ascii=False).encode(drawn[1], "replace")),
    OBJECTS.map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")),
    OBJECTS.map(lambda value: gzip.compress(json.dumps(value).encode(), mtime=0)),
    st.tuples(st.sampled_from([b"[", b'{"a":', b'{"text":[']), st.sampled_from([10, 900, 3_000, 60_000])).map(
        lambda drawn: drawn[0] * drawn[1]
    ),
    st.sampled_from([b"", b"x" * 20_000, b'{"text": "' + b"a" * 300_000 + b'"}', b'{"seq": ' + b"9" * 5_000 + b"}"]),
    st.lists(st.binary(max_size=30), max_size=5).map(iter),  # sent in chunks
    st.binary(max_size=200),
    mangled(),
)
NAMES = [
    b"accept", b"accept-encoding", b"authorization", b"content-encoding", b"content-type", b"cookie", b"expect",
    b"forwarded", b"host", b"if-none-match", b"origin", b"range", b"referer", b"upgrade", b"x-forwarded-for",
    b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto", b"x-http-method-override", b"x-real-ip",
]  # fmt: skip
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)
WRITTEN = st.one_of(
    LATIN.map(lambda text: text.strip().encode("latin-1")),
    st.sampled_from([b"Bearer \xff\xfe", b"Bearer", b"100-continue", HOST.encode(), b"a" * 9_000]),
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), WRITTEN), max_size=4)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW", "get", "!"])
QUOTED = st.binary(max_size=12).map(lambda part: quote_from_bytes(part, safe="/"))
ADDRESSES = st.one_of(
    st.sampled_from(ROUTES),
    QUOTED.map(lambda part: f"/{part}"),
    QUOTED.map(lambda after: f"/chat/messages?after={after}"),
)
USUAL = st.tuples(st.just("POST"), st.sampled_from([path for path in ROUTES if path.startswith("/chat/")]))
NONSENSE = st.one_of(
    st.tuples(USUAL, BODIES, HEADERS),
    st.tuples(USUAL, BODIES, st.just([])),
    st.tuples(st.tuples(METHODS, ADDRESSES), BODIES, HEADERS),
    st.tuples(st.just(("POST", "/chat/conversations")), identities(), HEADERS),
)
