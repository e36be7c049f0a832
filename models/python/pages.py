"""What the servers of HTTP have: at / a text of the length that they are told, at /echo what a request brings."""

OCTETS, PLAIN = "application/octet-stream", "text/plain"

TEXT = b"connbench measures servers. "


REASONS = {
    400: "Bad Request",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
}


class Refusal(Exception):
    """A request that is answered with a status, and is the connection's last."""

    def __init__(self, status):
        self.status, self.reason = status, REASONS[status]
        super().__init__(f"{status} {self.reason}")


def root(options):
    """Returns what is at /."""
    size = options.response_size
    return (TEXT * (size // len(TEXT) + 1))[:size]


def find(target, body, at_root):
    """Returns the status, the kind of the answer and the answer to a request for a target."""
    path = target.partition("?")[0]
    if path == "/":
        return "200 OK", OCTETS, at_root
    if path == "/echo":
        return "200 OK", OCTETS, body
    return "404 Not Found", PLAIN, b"404 Not Found\n"


def body_size(length, coding, options):
    """Returns how long a body is, by the values of Content-Length and Transfer-Encoding, or None for each."""
    if coding is not None:
        raise Refusal(501)
    if length is None:
        return 0
    if not (length.isascii() and length.isdecimal()):
        raise Refusal(400)
    if len(length) > 10 or int(length) > options.max_frame:
        raise Refusal(413)
    return int(length)
