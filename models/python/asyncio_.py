"""A coroutine per client, on asyncio's streams."""

import asyncio
import socket

from tutorial import BACKLOG, CHUNK, HEADER, FrameError, listen, main, payload_size, report


async def converse(reader, writer, options):
    """Answers one client to the end of its stream. asyncio sets TCP_NODELAY itself."""
    while True:
        if options.raw:
            answer = await reader.read(CHUNK)
        else:
            answer = await receive_frame(reader, options)
        if not answer:
            return
        writer.write(answer)
        await writer.drain()


async def receive_frame(reader, options):
    """Returns a frame with its header, or nothing at the end of the stream."""
    try:
        header = await reader.readexactly(HEADER.size)
    except asyncio.IncompleteReadError as e:
        if e.partial:
            raise FrameError("closed in the middle of a header") from None
        return b""
    try:
        return header + await reader.readexactly(payload_size(header, options))
    except asyncio.IncompleteReadError as e:
        raise FrameError(f"closed after {len(e.partial)} bytes of a frame of {e.expected}") from None


async def serve(options):
    async def client(reader, writer):
        try:
            await converse(reader, writer, options)
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
