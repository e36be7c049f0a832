"""A thread per client."""

import threading

from tutorial import accept, converse, listen, main, report


def serve(options):
    with listen(options) as listener:
        while True:
            conn, _ = accept(listener)
            try:
                threading.Thread(target=serve_client, args=(conn, options), daemon=True).start()
            except RuntimeError as e:  # no thread for it
                report(e)
                conn.close()


def serve_client(conn, options):
    with conn:
        converse(conn, options)


main(serve)
