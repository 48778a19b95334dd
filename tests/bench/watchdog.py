#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""watchdog.py SOCKET PROGRAM [ARGUMENT ...]: runs a program as systemd with WatchdogSec= does, and
prints its pid, and at its end the longest time in milliseconds in which it said nothing.
watchdog.py --peak FILE PROGRAM ...: runs it to its end, and writes its peak of memory in KiB."""
import os
import resource
import socket
import subprocess
import sys
import time

if sys.argv[1] == "--peak":
    status = subprocess.call(sys.argv[3:])
    with open(sys.argv[2], "w") as out:
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=out)
    sys.exit(status)

path, program = sys.argv[1], sys.argv[2:]
if os.path.exists(path):
    os.unlink(path)
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind(path)
listening.settimeout(0.2)
child = subprocess.Popen(program, env=dict(os.environ, NOTIFY_SOCKET=path))
print(f"pid={child.pid}", flush=True)
last, longest = time.monotonic(), 0.0
while child.poll() is None:
    try:
        listening.recv(4096)
    except socket.timeout:
        continue
    now = time.monotonic()
    longest, last = max(longest, now - last), now
print(f"silence_ms={longest * 1000:.0f}", flush=True)
