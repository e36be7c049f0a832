"""One thread for all clients: non-blocking sockets behind a selector."""

import selectors

from tutorial import CHUNK, EXHAUSTED, HEADER, FrameError, listen, main, no_delay, payload_size, report

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    """A connection: what has come and is no frame yet, and what could not be sent yet."""

    def __init__(self, conn, selector, options):
        conn.setblocking(False)
        no_delay(conn)
        self.conn, self.selector, self.options = conn, selector, options
        self.inbox, self.outbox = bytearray(), bytearray()
        self.waits_for = READ
        selector.register(conn, READ, self)

    def ready(self):
        """Goes on until the socket would block. Returns False when the client is done with."""
        try:
            if self.waits_for == READ and not self.receive():
                return False
            self.send()
        except BlockingIOError:
            pass
        except (OSError, FrameError) as e:
            report(e)
            return False
        # A client that does not read its answers is not read from either.
        waits_for = WRITE if self.outbox else READ
        if waits_for != self.waits_for:
            self.selector.modify(self.conn, waits_for, self)
            self.waits_for = waits_for
        return True

    def receive(self):
        """Receives once and moves what can be answered to the outbox. Returns False at the end of the stream."""
        chunk = self.conn.recv(CHUNK)
        if not chunk:
            if self.inbox:
                raise FrameError("closed in the middle of a frame")
            return False
        if self.options.raw:
            self.outbox += chunk
            return True
        self.inbox += chunk
        end = self.complete()
        self.outbox += self.inbox[:end]
        del self.inbox[:end]
        return True

    def complete(self):
        """Returns where the last complete frame ends."""
        end = 0
        while len(self.inbox) - end >= HEADER.size:
            after = end + HEADER.size + payload_size(self.inbox, self.options, end)
            if after > len(self.inbox):
                break
            end = after
        return end

    def send(self):
        """Sends what it can, which may be a part."""
        while self.outbox:
            sent = self.conn.send(self.outbox)
            del self.outbox[:sent]

    def close(self):
        self.selector.unregister(self.conn)
        self.conn.close()


def serve(options):
    selector = selectors.DefaultSelector()
    listener = listen(options)
    listener.setblocking(False)
    accepting = False
    while True:
        if not accepting:
            selector.register(listener, READ)
            accepting = True
        for key, _ in selector.select():
            if key.fileobj is not listener:
                if not key.data.ready():
                    key.data.close()
            elif not accept_all(listener, selector, options):
                selector.unregister(listener)
                accepting = False
        if not accepting:
            selector.select(0.01)  # no descriptor is left: those who have one first


def accept_all(listener, selector, options):
    """Accepts until nobody waits. Returns False where the system has run out of descriptors."""
    while True:
        try:
            conn, _ = listener.accept()
        except BlockingIOError:
            return True
        except ConnectionAbortedError:
            continue
        except OSError as e:
            if e.errno not in EXHAUSTED:
                raise
            return False
        try:
            Client(conn, selector, options)
        except OSError as e:  # reset already
            report(e)
            conn.close()


main(serve)
