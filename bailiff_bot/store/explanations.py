"""What the errors of SQLite, PostgreSQL and a pooler mean, and what to do.

An error has a code: SQLite's name or PostgreSQL's SQLSTATE. libpq gives none where a connection is refused, and
pgbouncer one for everything: there the words of the message decide. `{}` stands for the line that has them.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """A text for certain errors: the end of a sentence that starts with the database's name."""

    text: str
    codes: tuple[str, ...] = ()
    """Prefixes of the error's code."""
    words: str = ""
    """A regular expression that is found in a line of the message, where the code says nothing."""


_EXPLANATIONS = (
    Explanation("has no space left: free some on its disk", ("SQLITE_FULL", "53100")),
    Explanation(
        "is read-only: give Bailiff's user write access to it and its folder",
        ("SQLITE_READONLY", "25006"),
    ),
    Explanation(
        "was locked for too long: check what else uses it, and try again",
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03"),
    ),
    Explanation(
        "ended a transaction in which Bailiff paused for too long: check the load of this machine, and try again",
        ("25P03",),
        "idle.transaction.timeout",
    ),
    Explanation("took too long: check the load of its server, and try again", ("57014",), "query_timeout"),
    Explanation(
        "cannot be opened: check that its folder exists and that Bailiff may write there",
        ("SQLITE_CANTOPEN",),
    ),
    Explanation("is not an SQLite database: move that file away, or use another", ("SQLITE_NOTADB",)),
    Explanation(
        "is damaged: restore it from a backup, or move it away to start with an empty one",
        ("SQLITE_CORRUPT",),
    ),
    Explanation("cannot be read or written: check its disk", ("SQLITE_IOERR",)),
    Explanation("refuses access: allow Bailiff's user to create and change tables", ("42501",)),
    Explanation(
        "has no free connection ({}): raise the limit of its server or pooler, or stop other programs that use it",
        ("53300",),
        "too many (clients|connections)|connection slots|max.?client|max client|client connections|query_wait_timeout",
    ),
    Explanation(
        "is not known to its pooler ({}): add it to the pooler's databases, or correct its name in "
        "BAILIFF_DATABASE_URL",
        words="no such database",
    ),
    Explanation(
        "does not exist: create it, or correct its name in BAILIFF_DATABASE_URL",
        ("3D000",),
        'database ".*" does not exist',
    ),
    Explanation(
        "cannot be reached by its pooler ({}): check that PostgreSQL runs, and with which user and password the "
        "pooler logs in",
        words="server login|cannot connect to server",
    ),
    Explanation(
        "refuses the login ({}): correct the user and the password in BAILIFF_DATABASE_URL",
        ("28",),
        'authentication failed|no password supplied|role ".*" does not exist|no such user|not permitted to log in',
    ),
    Explanation(
        "refuses a parameter of the connection ({}): remove it from BAILIFF_DATABASE_URL",
        words="unsupported startup parameter|configuration parameter|invalid value for parameter",
    ),
    Explanation(
        "is behind a pooler that allows no transactions: set its pool_mode to transaction",
        words="statement pooling mode",
    ),
    Explanation(
        "asks for a client certificate ({}): add sslcert and sslkey to BAILIFF_DATABASE_URL",
        words="client certificate",
    ),
    Explanation(
        "has a certificate that is not trusted ({}): add sslrootcert, the file of its CA, to BAILIFF_DATABASE_URL",
        words="certificate verify failed|root certificate|does not match host name",
    ),
    Explanation(
        "refuses this machine or user ({}): allow them in pg_hba.conf",
        words="pg_hba.conf entry.*(SSL encryption|SSL on)",
    ),
    Explanation(
        "refuses a connection without TLS ({}): add sslmode=require to BAILIFF_DATABASE_URL, or allow this machine "
        "in pg_hba.conf",
        words="pg_hba.conf",
    ),
    Explanation(
        "requires TLS ({}): add sslmode=require to BAILIFF_DATABASE_URL",
        words="(SSL|TLS)( connection)?( is)? required$|(SSL|TLS) connection is required",
    ),
    Explanation(
        "has no TLS, and sslmode demands it: enable TLS on the server or pooler, or change sslmode in "
        "BAILIFF_DATABASE_URL",
        words="does not support SSL",
    ),
    Explanation(
        "does not answer ({}): check that it, and a pooler in front of it, run and can be reached from here",
        words="connection timeout expired|said nothing|the database system is",
    ),
    Explanation(
        "refuses the connection ({}): the log of its server or pooler says more",
        words="connection failed: .*FATAL",
    ),
)


_LIBPQ_PREFIX = re.compile(r"^(.*?connection failed: )?(connection to server .*? failed: )?(FATAL: )?")
"""What psycopg and libpq write in front of the words of the server."""


def explain(code: str, message: str) -> str:
    """Return what an error means, or nothing if that is not known. Only an OperationalError's message is passed."""
    silent = not code or code.startswith("08")
    for explanation in _EXPLANATIONS:
        line = _line_with(explanation.words, message) if silent and explanation.words else None
        if line is not None or (code and code.startswith(explanation.codes)):
            return explanation.text.format(_LIBPQ_PREFIX.sub("", line or first_line(message)))
    return ""


def first_line(message: str) -> str:
    """Return the first line of a message, with single blanks and without its full stop."""
    return " ".join(message.partition("\n")[0].split()).rstrip(".:")


def _line_with(words: str, message: str) -> str | None:
    lines = map(first_line, message.splitlines())
    return next((line for line in lines if re.search(words, line)), None)
