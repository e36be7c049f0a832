"""One socket for all clients: receive from, send to. A datagram is the frame."""

import socket

from tutorial import main, report, share_port

LONGEST = 65535


def serve(options):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        share_port(sock, options)
        sock.bind(options.address[1])
        while True:
            datagram, peer = sock.recvfrom(LONGEST)
            if len(datagram) > options.max_frame:
                continue
            try:
                sock.sendto(datagram, peer)
            except OSError as e:  # for this client it is a loss
                report(e)


main(serve)
