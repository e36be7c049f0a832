"""What the tutorial's servers share: command line, sockets, framing, and the end by a signal.

A frame is a 4-byte big-endian unsigned length and then as many bytes of payload. The answer to a
frame is the frame. With --raw there are no frames, and bytes go back as they come.
"""

import argparse
import contextlib
import errno
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time

import profiling

HEADER = struct.Struct(">I")
CHUNK = 65536  # bytes asked for in one receive, at most
BACKLOG = socket.SOMAXCONN

# What accept says where it is the system that has run out of something.
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

# The files of Unix sockets, which are removed in the end.
socket_files = []


class FrameError(Exception):
    """A client broke the framing."""


def main(serve, *flags):
    """Reads the command line, then serves with serve(options) until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address", type=parse_address, help="host:port, or the path of a Unix socket (with a /)")
    parser.add_argument("--raw", action="store_true", help="no frames: bytes go back as they come")
    parser.add_argument("--max-frame", type=int, default=1 << 20, help="the longest payload, in bytes")
    parser.add_argument("--response-size", type=int, default=0, help="of HTTP: the length of what is at /, in bytes")
    parser.add_argument("--reuseport", action="store_true", help="share the port with others that say so (SO_REUSEPORT)")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.reuseport and options.address[0] == socket.AF_UNIX:
        parser.error("--reuseport is of a port, not of a Unix socket")
    end_by_signal()
    profiling.answer_by_signal()
    raise_file_limit()
    try:
        serve(options)
    except OSError as e:
        sys.exit(f"{options.address[1]}: {e}")


def parse_address(text):
    """Returns the family and the address in it."""
    if "/" in text:
        return socket.AF_UNIX, text
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is neither host:port nor a path")
    return socket.AF_INET, (host, int(port))


def end_by_signal():
    """Ends the process cleanly at a signal, whatever it is doing.

    That takes a thread more than the server has otherwise: a handler runs in the main thread, which
    would not notice a signal that comes just before it blocks in accept or recv.
    """
    ends = {signal.SIGTERM, signal.SIGINT}

    def wait():
        signal.sigwait(ends)
        for path in socket_files:
            with contextlib.suppress(OSError):
                os.unlink(path)
        os._exit(0)

    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # in all threads, which come later
    threading.Thread(target=wait, daemon=True).start()


def raise_file_limit():
    """Lets the server have as many connections as the system grants at all."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def listen(options):
    """Returns a listening stream socket."""
    family, address = options.address
    listener = socket.socket(family, socket.SOCK_STREAM)
    if family != socket.AF_UNIX:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    share_port(listener, options)
    listener.bind(address)
    if family == socket.AF_UNIX:
        socket_files.append(address)
    listener.listen(BACKLOG)
    return listener


def share_port(sock, options):
    """Lets other processes have the same port, where that is asked for; call it before bind."""
    if options.reuseport:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def accept(listener):
    """Returns the next client. Where there is no descriptor for it, it waits for one."""
    while True:
        try:
            return listener.accept()
        except ConnectionAbortedError:
            pass
        except OSError as e:
            if e.errno not in EXHAUSTED:
                raise
            time.sleep(0.01)


def no_delay(conn):
    """Sends small answers at once."""
    if conn.family != socket.AF_UNIX:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def converse(conn, options):
    """Answers one client to the end of its stream. What goes wrong ends this client alone."""
    try:
        no_delay(conn)
        if options.raw:
            while chunk := conn.recv(CHUNK):
                conn.sendall(chunk)
        else:
            while (payload := receive_frame(conn, options)) is not None:
                conn.sendall(HEADER.pack(len(payload)) + payload)
    except (OSError, FrameError) as e:
        report(e)


def receive_frame(conn, options):
    """Returns a payload, or None at the end of the stream."""
    header = receive_exactly(conn, HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise FrameError("closed in the middle of a header")
    size = payload_size(header, options)
    payload = receive_exactly(conn, size)
    if len(payload) < size:
        raise FrameError(f"closed after {len(payload)} bytes of a frame of {size}")
    return payload


def payload_size(header, options, at=0):
    """Returns the length that a header says."""
    (size,) = HEADER.unpack_from(header, at)
    if size > options.max_frame:
        raise FrameError(f"a frame of {size} bytes, more than {options.max_frame}")
    return size


def receive_exactly(conn, size):
    """Returns as many bytes, or fewer where the stream ends. A receive may bring any part of them."""
    data = bytearray()
    while len(data) < size:
        chunk = conn.recv(min(size - len(data), CHUNK))
        if not chunk:
            break
        data += chunk
    return data


def report(error):
    """Says on standard error what ended a client; in one write, since threads do it too."""
    with contextlib.suppress(OSError):
        os.write(sys.stderr.fileno(), f"client: {error}\n".encode())
