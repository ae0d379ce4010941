"""Addresses of pages: one spelling for each, and which ones are worth asking for.

The spelling follows RFC 3986, section 6 (case, escapes, dot segments, default port), and then takes away what does not
name a page: the fragment, session ids, marks of advertisements, the order of the query's parameters.
"""

import re
from collections import Counter
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Beyond these a link is rather a trap (a calendar without end, a link relative to itself) than a page.
_LONGEST = 1_000
_PARAMETERS = 6
_SEGMENTS = 16
_REPEATED = 3

_ADVERTISING = re.compile(r"(?:utm_\w+|gclid|yclid|ymclid|fbclid|_openstat|mc_[ce]id)", re.IGNORECASE)
_SESSION = re.compile(r"(?:phpsessid|jsessionid|aspsessionid\w*|session_?id|zenid|oscsid)", re.IGNORECASE)
# Some forums call it `s` or `sid`, which elsewhere names a page; only a long random value is a session's.
_SHORT_SESSION = re.compile(r"(?:s|sid|sess)=[0-9a-f]{20,}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;?]*|/\([A-Z]\([0-9a-z]{20,}\)\)(?=/)", re.IGNORECASE)
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|mp[34]|m4[av]|avi|mov|mkv|webm|ogg|wav|flac|pdf|djvu|epub|docx?|xlsx?|pptx?"
    r"|odt|ods|zip|rar|7z|gz|bz2|xz|tar|exe|msi|apk|dmg|iso|css|js|json|xml|rss|atom|woff2?|ttf|eot)$",
    re.IGNORECASE,
)
# What a reader does to a page rather than another page.
_ACTIONS = re.compile(
    r"(?:^|&)(?:action|do|mode|act)=(?:edit|history|login|log-?out|register|reply|quote|report|print|raw|delete|info"
    r"|newreply|newthread|post|email|emailtopic|viewprofile)(?:&|$)",
    re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?")
_PATH_SAFE = ":@!$&'()*+,;=-._~"
_QUERY_SAFE = "/?:@!$'()*+,;=-._~"
_RESERVED = re.compile("(%(?:2[0-9a-f]|3[abdf]|40|5[bd]|0[0-9a-f]|1[0-9a-f]|7f))", re.IGNORECASE)


def normalise(address: str, base: str | None = None) -> str | None:
    """The one spelling of an http(s) address, made absolute by `base`; None for what is no such address."""
    text = re.sub(r"[\t\r\n]", "", address).strip()
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        port, host = parts.port, parts.hostname
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
            return None
        where = _host(host) if port in (None, _DEFAULT_PORTS[scheme]) else f"{_host(host)}:{port}"
        return urlunsplit((scheme, where, _path(parts.path), _query(parts.query), ""))
    except ValueError:  # a port that is no number, a bracket not closed, letters that no name may have
        return None


def site(address: str) -> str:
    """Whose page a normalised address is: the host with its port, without `www.`; the same for http and https."""
    return urlsplit(address).netloc.removeprefix("www.")


def host_of(address: str) -> str:
    """The host alone, without port and brackets."""
    return urlsplit(address).hostname or ""


def worth_asking(address: str) -> bool:
    """Whether a normalised address may be a page of its own, and no trap, file or button."""
    parts = urlsplit(address)
    if len(address) > _LONGEST or parts.query.count("&") >= _PARAMETERS:
        return False
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > _SEGMENTS or max(Counter(segments).values(), default=0) >= _REPEATED:
        return False
    return not _NO_PAGE.search(parts.path) and not _ACTIONS.search(parts.query)


def without_query(address: str) -> str:
    """The address up to its query, in one case and without a slash at its end: what two spellings share."""
    parts = urlsplit(address)
    return f"{site(address)}{parts.path.rstrip('/').casefold()}"


def _host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    name = host.rstrip(".").lower()
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    if not _HOST.fullmatch(name):
        raise ValueError(f"not the name of a host: {host!r}")
    return name


def _path(path: str) -> str:
    kept: list[str] = []
    segments = _SESSION_IN_PATH.sub("", "/".join(_escaped(one, _PATH_SAFE) for one in path.split("/"))).split(
        "/"
    )[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in (["."], [".."]):
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    """The parameters by name; those of one name stay in their order, which may mean something.

    A parameter without a value stays as it is written: some forums put a whole path there.
    """
    named = []
    for piece in (_escaped(part, _QUERY_SAFE) for part in query.split("&")):
        name = piece.partition("=")[0]
        session = _SESSION.fullmatch(name) or _SHORT_SESSION.fullmatch(piece)
        if piece and not session and not _ADVERTISING.fullmatch(name):
            named.append((name, piece))
    return "&".join(piece for _, piece in sorted(named, key=lambda pair: pair[0]))


def _escaped(text: str, safe: str) -> str:
    """Every octet escaped that must be, in capitals, and no other; what has a meaning of its own stays escaped."""
    parts = _RESERVED.split(text)
    return "".join(
        part.upper()
        if number % 2
        else quote(unquote(part, errors="surrogateescape"), safe, errors="surrogateescape")
        for number, part in enumerate(parts)
    )
