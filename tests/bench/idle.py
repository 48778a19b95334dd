#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""idle.py PORT COUNT PATH: connections that send half a head and wait, and a tenth as many that ask
for a page and read a byte of it each second.

Prints how many there are as name=value words once they stand, and holds them until SIGTERM. What the
server closes is opened again."""
import selectors
import signal
import socket
import sys
import time

port, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Idle: "
WHOLE = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
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


def end(*_):
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
idle, slow = [], []
try:
    for number in range(count):
        idle.append(connect(False))
        if number % 10 == 0:
            slow.append(connect(True))
except OSError:
    pass  # as many as this machine lets be
print(f"idle={len(idle)} slow={len(slow)}", flush=True)
while True:
    for key, _ in selector.select(timeout=0.2):
        selector.unregister(key.fileobj)
        key.fileobj.close()
        try:
            connect(False)
        except OSError:
            pass
    for at, connection in enumerate(slow):
        try:
            if connection.recv(1) == b"":
                raise OSError
        except BlockingIOError:
            pass
        except OSError:
            connection.close()
            try:
                slow[at] = connect(True)
            except OSError:
                pass
    time.sleep(0.8)
