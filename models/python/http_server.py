"""The library's ready-made server of HTTP, with its thread per client."""

import http.server
import socket
import socketserver
import sys

from pages import PLAIN, Refusal, body_size, find, root
from tutorial import BACKLOG, FrameError, accept, main, no_delay, report, share_port, socket_files


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay

    def setup(self):
        no_delay(self.request)
        super().setup()

    def do_GET(self):
        try:
            body = self.body()
        except Refusal as refused:
            self.close_connection = True
            self.answer(refused.status, refused.reason, PLAIN, f"{refused}\n".encode())
            return
        status, kind, answer = find(self.path, body, self.server.root)
        code, _, reason = status.partition(" ")
        self.answer(int(code), reason, kind, answer)

    do_HEAD = do_POST = do_PUT = do_GET

    def body(self):
        """Returns what follows the fields."""
        length = self.headers["Content-Length"]
        if len(self.headers.get_all("Content-Length", [])) > 1:
            raise Refusal(400)
        size = body_size(length, self.headers["Transfer-Encoding"], self.server.options)
        body = self.rfile.read(size)
        if len(body) < size:
            raise FrameError(f"closed after {len(body)} bytes of a body of {size}")
        return body

    def answer(self, code, reason, kind, body):
        """Answers with the two fields that the other servers have, and not with who this is and when."""
        self.send_response_only(code, reason)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        elif self.request_version == "HTTP/1.0":
            self.send_header("Connection", "keep-alive")  # which it has asked for
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing of requests."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = BACKLOG

    def __init__(self, options):
        self.options, self.root = options, root(options)
        self.address_family = options.address[0]
        super().__init__(options.address[1], Pages)

    def server_bind(self):
        share_port(self.socket, self.options)
        socketserver.TCPServer.server_bind(self)  # HTTPServer's asks for the host's name too
        if self.address_family == socket.AF_UNIX:
            socket_files.append(self.server_address)

    def get_request(self):
        return accept(self.socket)

    def handle_error(self, request, client_address):
        report(sys.exc_info()[1])


def serve(options):
    with Server(options) as server:
        server.serve_forever()


main(serve)
