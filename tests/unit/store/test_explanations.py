"""What a refused connection means, by the words of servers and poolers: libpq gives no SQLSTATE then."""

import pytest

from bailiff_bot.store.explanations import explain

_PREFIX = 'connection failed: connection to server at "10.0.0.5", port 6432 failed: '
_TLS_LINE = _PREFIX + "FATAL:  SSL required"
FAILING = "FATAL:  server login has been failing"
LOGIN = "correct the user and the password in BAILIFF_DATABASE_URL"
LIMIT = "raise the limit of its server or pooler"
POOLER = "with which user and password the pooler logs in"
TLS = "add sslmode=require to BAILIFF_DATABASE_URL"
CA = "add sslrootcert, the file of its CA, to BAILIFF_DATABASE_URL"
CREATE = "create it, or correct its name in BAILIFF_DATABASE_URL"
HBA = "allow them in pg_hba.conf"
RUNS = "check that it, and a pooler in front of it, run"


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ('FATAL:  password authentication failed for user "bailiff"', LOGIN),
        ("FATAL:  SASL authentication failed", LOGIN),
        ("FATAL:  no such user: bailiff", LOGIN),
        ('FATAL:  role "bailiff" is not permitted to log in', LOGIN),
        ("fe_sendauth: no password supplied", LOGIN),
        ('FATAL:  database "bailiff" does not exist', CREATE),
        ("FATAL:  no such database: bailiff", "add it to the pooler's databases"),
        ("FATAL:  sorry, too many clients already", LIMIT),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", LIMIT),
        ('FATAL:  too many connections for database "bailiff"', LIMIT),
        ("FATAL:  no more connections allowed (max_client_conn)", LIMIT),
        ("FATAL:  (EMAXCONN) max client connections reached, limit: 600", LIMIT),
        ("FATAL:  MaxClientsInSessionMode: max clients reached", LIMIT),
        ("FATAL:  query_wait_timeout", LIMIT),
        ("FATAL:  pgbouncer cannot connect to server", POOLER),
        (f"{FAILING}, try again later (server_login_retry)", POOLER),
        (f'{FAILING}, cached error: password authentication failed for user "pooler" (server_login_retry)', POOLER),
        (f'{FAILING}, cached error: database "bailiff" does not exist (server_login_retry)', CREATE),
        ("FATAL:  server login failed: wrong password type", POOLER),
        ("FATAL:  unsupported startup parameter: options", "remove it from BAILIFF_DATABASE_URL"),
        ('FATAL:  unrecognized configuration parameter "lock_timout"', "remove it from BAILIFF_DATABASE_URL"),
        ("FATAL:  SSL required", TLS),
        ("FATAL:  TLS connection required", TLS),
        ("FATAL:  SSL connection is required. Please specify SSL options and retry.", TLS),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", no encryption', TLS),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", SSL encryption', HBA),
        ("server does not support SSL, but SSL was required", "enable TLS on the server or pooler"),
        ("SSL error: certificate verify failed", CA),
        ('root certificate file "/root/.postgresql/root.crt" does not exist', CA),
        ('server certificate for "db" does not match host name "10.0.0.5"', CA),
        ("FATAL:  connection requires a valid client certificate", "add sslcert and sslkey"),
        ("FATAL:  the database system is starting up", RUNS),
        ('FATAL:  database "bailiff" is not currently accepting connections', "the log of its server or pooler"),
        ("FATAL:  l'authentification par mot de passe a échoué", "the log of its server or pooler"),
    ],
)
def test_the_remedy_fits_the_words_of_the_refusal(words: str, remedy: str) -> None:
    explanation = explain("", _PREFIX + words)
    assert remedy in explanation
    assert '10.0.0.5", port' not in explanation


@pytest.mark.parametrize(
    ("first", "remedy"),
    [
        ("FATAL:  password authentication failed", LOGIN),
        ("FATAL:  no such database: bailiff", "add it to the pooler's databases"),
    ],
)
def test_a_second_attempt_without_tls_does_not_hide_the_cause(first: str, remedy: str) -> None:
    assert remedy in explain("", f"{_PREFIX}{first}\n{_TLS_LINE}")


def test_a_machine_that_is_refused_with_and_without_tls_is_not_told_to_use_tls() -> None:
    lines = [
        f'{_PREFIX}FATAL:  no pg_hba.conf entry for host "h", user "u", {how}'
        for how in ("SSL encryption", "no encryption")
    ]
    assert HBA in explain("", "\n".join(lines))


@pytest.mark.parametrize("code", ["", "08006"])
def test_a_server_that_is_not_there_has_no_explanation_of_its_own(code: str) -> None:
    assert explain(code, _PREFIX + "Connection refused\n\tIs the server running on that host?") == ""


def test_a_code_decides_whatever_the_words_are() -> None:
    assert explain("55P03", "FATAL:  SSL required") == "was locked for too long: check what else uses it, and try again"
