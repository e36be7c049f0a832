"""A coroutine per client, on asyncio's streams, that speaks HTTP/1.1."""

import asyncio
import socket

from pages import PLAIN, Refusal, body_size, find, root
from tutorial import BACKLOG, FrameError, listen, main, report

END = b"\r\n\r\n"
METHODS = ("GET", "HEAD", "POST", "PUT")


class Request:
    """A request's line and fields."""

    def __init__(self, head):
        lines = head[: -len(END)].decode("latin-1").split("\r\n")
        try:
            self.method, self.target, version = lines[0].split(" ")
            if not version.startswith("HTTP/"):
                raise Refusal(400)
            self.fields = {}
            for line in lines[1:]:
                self.add(line)
        except ValueError:
            raise Refusal(400) from None
        if self.method not in METHODS:
            raise Refusal(501)
        if version not in ("HTTP/1.1", "HTTP/1.0"):
            raise Refusal(505)
        connection = [word.strip() for word in self.fields.get("connection", "").lower().split(",")]
        old = version == "HTTP/1.0"
        self.last = "close" in connection or old and "keep-alive" not in connection
        self.told = "close" if self.last else "keep-alive" if old else None  # the client, as it asks

    def add(self, line):
        name, colon, value = line.partition(":")
        name = name.lower()
        twice = name == "content-length" and name in self.fields
        if not colon or not name or name != name.strip() or "\n" in line or twice:
            raise Refusal(400)
        self.fields[name] = value.strip()


def answer(status, kind, body, connection, head_only):
    """Returns the bytes of an answer."""
    end = f"Connection: {connection}\r\n\r\n" if connection else "\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{end}".encode()
    return head if head_only else head + body


async def converse(reader, writer, options, at_root):
    """Answers one client to the end of its stream. asyncio sets TCP_NODELAY itself."""
    last = False
    while not last:
        try:
            request = await receive_head(reader)
            if request is None:
                return
            body = await receive_body(reader, writer, request.fields, options)
            last, told, head_only = request.last, request.told, request.method == "HEAD"
            status, kind, body = find(request.target, body, at_root)
        except Refusal as refused:
            last, told, head_only = True, "close", False
            status, kind, body = str(refused), PLAIN, f"{refused}\n".encode()
        writer.write(answer(status, kind, body, told, head_only))
        await writer.drain()


async def receive_head(reader):
    """Returns a request without its body, or None at the end of the stream."""
    try:
        return Request(await reader.readuntil(END))
    except asyncio.IncompleteReadError as e:
        if e.partial:
            raise FrameError("closed in the middle of a head") from None
        return None
    except asyncio.LimitOverrunError:
        raise Refusal(431) from None


async def receive_body(reader, writer, fields, options):
    size = body_size(fields.get("content-length"), fields.get("transfer-encoding"), options)
    if size and fields.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as e:
        raise FrameError(f"closed after {len(e.partial)} bytes of a body of {size}") from None


async def serve(options):
    at_root = root(options)

    async def client(reader, writer):
        try:
            await converse(reader, writer, options, at_root)
        except (OSError, FrameError) as e:
            report(e)
        finally:
            writer.close()

    listener = listen(options)
    start = asyncio.start_unix_server if listener.family == socket.AF_UNIX else asyncio.start_server
    server = await start(client, sock=listener)
    # Not asyncio's backlog, which is also how many it accepts in a turn, and how often it
    # complains when no descriptor is left.
    listener.listen(BACKLOG)
    await server.serve_forever()


main(lambda options: asyncio.run(serve(options)))
