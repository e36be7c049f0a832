"""The library's ready-made server class: one client at a time, or with --threading its mix-in of threads."""

import socket
import socketserver
import sys

from tutorial import BACKLOG, accept, converse, main, report, share_port, socket_files


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        converse(self.request, self.server.options)


class Settings:
    allow_reuse_address = True
    request_queue_size = BACKLOG
    daemon_threads = True

    def __init__(self, options):
        self.options = options
        super().__init__(options.address[1], Echo)

    def server_bind(self):
        share_port(self.socket, self.options)
        super().server_bind()
        if self.address_family == socket.AF_UNIX:
            socket_files.append(self.server_address)

    def get_request(self):
        return accept(self.socket)

    def handle_error(self, request, client_address):
        report(sys.exc_info()[1])


class TCP(Settings, socketserver.TCPServer):
    pass


class Unix(Settings, socketserver.UnixStreamServer):
    pass


class ThreadingTCP(Settings, socketserver.ThreadingTCPServer):
    pass


class ThreadingUnix(Settings, socketserver.ThreadingUnixStreamServer):
    pass


def serve(options):
    if options.address[0] == socket.AF_UNIX:
        kind = ThreadingUnix if options.threading else Unix
    else:
        kind = ThreadingTCP if options.threading else TCP
    with kind(options) as server:
        server.serve_forever()


main(serve, "--threading")
