#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""idle.py PORT COUNT PATH SECONDS: connections that send half a head and wait, and a tenth as many
that ask for a page and read a byte of it each second.

They come evenly within so many seconds, and what the server closes is opened again at once, so that
it comes as evenly ever after: what is held is measured, and no rush of newcomers. Prints how many
there are as name=value words once they stand and each slow one has begun to read, and holds them
until SIGTERM."""
import selectors
import signal
import socket
import sys
import time

port, count, path, seconds = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Idle: "
WHOLE = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
TURNS = 50  # a second
selector = selectors.DefaultSelector()


def connect(is_slow):
    connection = socket.socket()
    if is_slow:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(5)
    connection.connect(("127.0.0.1", port))
    connection.sendall(WHOLE if is_slow else HALF)
    connection.setblocking(False)
    if not is_slow:
        selector.register(connection, selectors.EVENT_READ)
    return connection


def reopen_idle():
    for key, _ in selector.select(timeout=0):
        selector.unregister(key.fileobj)
        key.fileobj.close()
        try:
            connect(False)
        except OSError:
            pass


def read_slow(turn):
    for at in range(turn % TURNS, len(slow), TURNS):
        try:
            if slow[at].recv(1) == b"":
                raise OSError
            reading.add(at)
        except BlockingIOError:
            pass
        except OSError:
            slow[at].close()
            try:
                slow[at] = connect(True)
            except OSError:
                pass


def end(*_):
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
idle, slow, reading = 0, [], set()
began, turn, is_full, is_said = time.monotonic(), 0, False, False
while True:
    due = min(count, int(count * (turn + 1) / (seconds * TURNS)))
    try:
        while not is_full and idle < due:
            connect(False)
            if idle % 10 == 0:
                slow.append(connect(True))
            idle += 1
    except OSError:
        is_full = True  # as many as this machine lets be
    is_full = is_full or idle == count
    reopen_idle()
    read_slow(turn)
    if is_full and not is_said and len(reading) == len(slow):
        print(f"idle={idle} slow={len(slow)}", flush=True)
        is_said = True
    turn += 1
    time.sleep(max(0, began + turn / TURNS - time.monotonic()))
