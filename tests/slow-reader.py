#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# slow-reader.py: asks for a page over and over, and takes a byte a second of each answer
#
#	tests/slow-reader.py PORT CA-CERT READERS PATH
#
# Prints "waiting" once every one of them has had the first byte of its answer, and goes on until it is killed.
import socket
import ssl
import sys
import time

port, certificate, readers, path = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
context = ssl.create_default_context(cafile=certificate)
open_ones = []
for _ in range(readers):
    plain = socket.socket()
    # Little fits into the way, as it is on a long one.
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(("127.0.0.1", port))
    reader = context.wrap_socket(plain, server_hostname="127.0.0.1")
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    open_ones.append(reader)
for reader in open_ones:
    reader.recv(1)
print("waiting", flush=True)
while True:
    for reader in open_ones:
        reader.recv(1)
    time.sleep(1)
