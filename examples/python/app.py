"""A service in Python's standard library, for `sleuth expose`. Usage: python3 app.py PORT"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

comments = [{"article": "bears", "text": "I like bears"}]


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            self.answer(200, {"ok": True})
        elif self.path == "/comments":
            # Who calls is told by sleuth. No caller can write this header.
            self.answer(200, {"for": self.headers.get("x-sleuth-peer"), "comments": comments})
        elif self.path == "/events":
            self.events()
        else:
            self.answer(404, {"error": "there is no " + self.path})

    def do_POST(self):
        body = b"".join(self.chunks())
        comments.append(json.loads(body))
        self.answer(201, comments[-1])

    def do_PUT(self):
        self.answer(200, {"bytes": sum(len(chunk) for chunk in self.chunks())})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for comment in comments:
            self.wfile.write(b"data: " + json.dumps(comment).encode() + b"\n\n")

    def chunks(self):
        """The body. A body of unknown length comes in chunks, which this server does not decode itself."""
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            left = int(self.headers.get("content-length", 0))
            while left > 0:
                chunk = self.rfile.read(min(left, 65536))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
