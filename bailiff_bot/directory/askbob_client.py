"""Askbob over HTTP: token, timeouts and retries. Each failure becomes one line of text."""

from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from bailiff_bot.errors import DirectoryError

CONNECT_TIMEOUT, READ_TIMEOUT = 3.05, 5.0
"""Seconds."""
_RETRIED_STATUSES = (429, 502, 503, 504)
"""HTTP statuses after which a request is sent again."""
_MAX_RETRY_AFTER = 10
"""Longest wait in seconds that a `Retry-After` header may demand. It is short because a report waits for the answer."""

_Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class AskbobError(DirectoryError):
    """A request to Askbob failed. The message continues the sentence "Askbob ..."."""


class AskbobClient:
    """Sends requests to Askbob.

    Arguments: Askbob's URL, the id and the secret of the OAuth client, the seconds to wait for the next byte of an
    answer, the seconds of the first pause between attempts.
    """

    def __init__(
        self, url: str, client_id: str, client_secret: str, read_timeout: float = READ_TIMEOUT, backoff: float = 0.3
    ) -> None:
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout = (CONNECT_TIMEOUT, read_timeout)
        self._session = _session(f"{self._url}/oauth/token", backoff)
        self._token: str | None = None

    def get_list(self, path: str) -> list[Any]:
        """Return the list under `data` in the answer. Raises AskbobError if there is none."""
        answer = self._get(path)
        if answer.status_code == requests.codes.unauthorized:
            self._token = None
            answer = self._get(path)
        data = _json_object(answer).get("data")
        if not isinstance(data, list):
            raise AskbobError("answered without a list of data")
        return data

    def _get(self, path: str) -> requests.Response:
        self._token = self._token or self._new_token()
        return self._send("GET", path, _bearer(self._token))

    def _new_token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer = self._send("POST", "/oauth/token", _no_auth, form)
        if answer.status_code in {requests.codes.bad_request, requests.codes.unauthorized, requests.codes.forbidden}:
            raise AskbobError(f"refuses ASKBOB_CLIENT_ID and ASKBOB_CLIENT_SECRET ({answer.status_code})")
        token = _json_object(answer).get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise AskbobError("returned no token")
        return token

    def _send(self, method: str, path: str, auth: _Auth, form: dict[str, str] | None = None) -> requests.Response:
        """Send a request. It does not follow a redirect, which would give the token to another server."""
        try:
            return self._session.request(
                method, self._url + path, data=form, auth=auth, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            # `from None`: the cause holds the request, and the request holds the secret
            raise AskbobError(_error_text(error)) from None


def _error_text(error: requests.RequestException) -> str:
    """Return what failed, as text that continues the sentence "Askbob ..."."""
    cause = error.args[0] if error.args else None
    cause = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that is not trusted here"
    if isinstance(error, requests.ReadTimeout) or isinstance(cause, ReadTimeoutError):
        return "did not answer in time"
    if isinstance(cause, ProtocolError):
        return "ended its answer too early"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    return f"cannot be asked ({type(error).__name__})"


def _session(token_url: str, backoff: float) -> requests.Session:
    """Return a session with retries.

    A request for a token is not sent again after a failed read, because Askbob may have issued a token already.
    """
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=_retry("GET", backoff, read=1))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.mount(token_url, HTTPAdapter(max_retries=_retry("POST", backoff, read=0)))
    return session


def _retry(method: str, backoff: float, read: int) -> Retry:
    return Retry(
        total=3,
        connect=2,
        read=read,
        status=2,
        allowed_methods={method},
        status_forcelist=_RETRIED_STATUSES,
        backoff_factor=backoff,
        raise_on_status=False,
        retry_after_max=_MAX_RETRY_AFTER,
    )


def _bearer(token: str) -> _Auth:
    """Return an `auth` callable that sends the token. With `auth` set, requests reads no credentials from `.netrc`."""

    def add_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return add_token


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the request unchanged: an `auth` callable that keeps requests from reading `.netrc`."""
    return request


def _json_object(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object in an answer. Raises AskbobError for any other content or status."""
    if answer.is_redirect:
        raise AskbobError(f"redirects to another address ({answer.status_code}): set ASKBOB_URL to that address")
    if answer.status_code != requests.codes.ok:
        raise AskbobError(f"answered {answer.status_code}")
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        raise AskbobError("answered HTML" if kind == "text/html" else "answered text that is not JSON") from None
    if not isinstance(content, dict):
        raise AskbobError("answered unexpected JSON")
    return content
