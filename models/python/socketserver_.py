"""The library's ready-made server class: one client at a time, or with --threading its mix-in of threads."""

import socket
import socketserver
import sys

from tutorial import BACKLOG, accept, converse, main, report, socket_files


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        converse(self.request, self.server.options)


class Settings:
    allow_reuse_address = True
    request_queue_size = BACKLOG
    daemon_threads = True
    options = None

    def server_bind(self):
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
    family, address = options.address
    if family == socket.AF_UNIX:
        kind = ThreadingUnix if options.threading else Unix
    else:
        kind = ThreadingTCP if options.threading else TCP
    with kind(address, Echo) as server:
        server.options = options
        server.serve_forever()


main(serve, "--threading")
