"""A server on 127.0.0.1 that replies as STS, SSO, a container's endpoint or the instance metadata would."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Replies = Mapping[str, tuple[int, str]]
"""By the start of a request, `GET /path` or `POST /`, the status and the body. The first that fits counts."""


@contextmanager
def credential_endpoint(replies: Replies) -> Iterator[str]:
    """Serve the replies during the block, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = f"{self.command} {self.path}"
            status, body = next((reply for start, reply in replies.items() if request.startswith(start)), (404, "{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PUT = _reply  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
