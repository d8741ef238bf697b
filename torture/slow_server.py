"""A web server on 127.0.0.1 that sends a file slowly enough to be disturbed."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BLOCK = 1 << 16
SECONDS_OF_A_BLOCK = 0.02


def serve(path: Path) -> str:
    """Serve a file until this process ends; give its address."""
    content = path.read_bytes()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send the file, or what is asked of its end."""
            asked = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
            first = int(asked or 0)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - first))
            if asked:
                self.send_header(
                    "Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}"
                )
            self.end_headers()
            for at in range(first, len(content), BLOCK):
                time.sleep(SECONDS_OF_A_BLOCK)
                self.wfile.write(content[at : at + BLOCK])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that was killed is no error."""

    server = Server(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/{path.name}"
