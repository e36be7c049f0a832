"""One client at a time: accept, serve until the end of its stream, accept the next."""

from tutorial import accept, converse, listen, main


def serve(options):
    with listen(options) as listener:
        while True:
            conn, _ = accept(listener)
            with conn:
                converse(conn, options)


main(serve)
