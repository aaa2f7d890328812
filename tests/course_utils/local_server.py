"""A small web server on 127.0.0.1 that misbehaves on purpose, a request at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Answer:
    """How one request is answered; the defaults are an honest server's."""

    body: bytes = b""
    status: int = 200
    cut: int | None = None  # bytes of body that are really sent, then the connection closes
    length: int | None = None  # what Content-Length claims instead of the truth
    ranges: bool = True  # honours Range
    hang: bool = False  # after `cut` bytes, says nothing more
    shift: int = 0  # a range starts so many bytes beside the place asked for
    pause: float = 0.0  # seconds between pieces of 1,000 bytes
    headers: dict[str, str] = field(default_factory=dict)


class Served:
    """What the test sets and sees: `plan` gives the answers in turn, the last one for ever."""

    def __init__(self) -> None:
        self.plans: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, str | None]] = []  # (path, Range header)
        self.released = threading.Event()  # ends the hangs
        self.url = ""

    def plan(self, path: str, *answers: Answer) -> str:
        self.plans[path] = list(answers)
        return self.url + path

    def next(self, path: str) -> Answer:
        answers = self.plans.get(path)
        if not answers:
            return Answer(b"no such file", 404)
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            served.requests.append((self.path, asked))
            answer = served.next(urlsplit(self.path).path)
            body, status = answer.body, answer.status
            headers = dict(answer.headers)
            version = self.headers.get("If-Range")
            current = headers.get("ETag") or headers.get("Last-Modified")
            if asked and status == 200 and answer.ranges and version in (None, current):
                start = int(asked.removeprefix("bytes=").split("-")[0])
                if start >= len(body):
                    body, status = b"", 416
                    headers["Content-Range"] = f"bytes */{len(answer.body)}"
                else:
                    start = max(0, start + answer.shift)
                    headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                    body, status = body[start:], 206
            self.send_response(status)
            headers["Content-Length"] = str(len(body) if answer.length is None else answer.length)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.send(answer, body if answer.cut is None else body[: answer.cut])

        def send(self, answer: Answer, body: bytes) -> None:
            step = 1000 if answer.pause else len(body) or 1
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                if answer.pause:
                    served.released.wait(answer.pause)
            if answer.hang:
                served.released.wait(20)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextlib.contextmanager
def serving(setup: Callable[[Served], None] | None = None) -> Iterator[Served]:
    served = Served()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        if setup is not None:
            setup(served)
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
