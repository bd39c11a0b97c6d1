#!/usr/bin/env python3
"""A second implementation of the classic chat's wire, client and server.

    peer.py call HOST PORT    calls on stdin, one JSON array a line, such as
                              ["Tell", "alice", "bob", "hi"]; answers on
                              stdout, as {"result": ...} or {"error": "..."}
    peer.py serve             serves on a free port of 127.0.0.1, which is the
                              first line of stdout, until Shutdown

It shares no code with the Go implementation, only the description of the
protocol: all integers are 16 bits in network byte order. A request is its
length, a message type and the parameters; a response is its length, the
results and an error string, empty for success. A string is its length and its
bytes, a list its count and its strings. Each call has its own connection.
"""

import json
import socket
import struct
import sys
import threading

METHODS = ["Register", "List", "CheckMessages", "Tell", "Say", "Quit", "Shutdown"]
PARAMETERS = {"Register": 1, "List": 0, "CheckMessages": 1, "Tell": 3, "Say": 2, "Quit": 1, "Shutdown": 0}
RETURN_A_LIST = {"List", "CheckMessages"}


# --- values and bytes ---

def write_uint16(n):
    return struct.pack("!H", n)


def write_string(s):
    data = s.encode()
    return write_uint16(len(data)) + data


def write_strings(strings):
    return write_uint16(len(strings)) + b"".join(map(write_string, strings))


def read_uint16(buf):
    if len(buf) < 2:
        raise ValueError("too short for an integer")
    return struct.unpack("!H", buf[:2])[0], buf[2:]


def read_string(buf):
    n, buf = read_uint16(buf)
    if len(buf) < n:
        raise ValueError("too short for a string of %d bytes" % n)
    return buf[:n].decode(), buf[n:]


def read_strings(buf):
    count, buf = read_uint16(buf)
    strings = []
    for _ in range(count):
        s, buf = read_string(buf)
        strings.append(s)
    return strings, buf


def read_exactly(conn, n):
    data = b""
    while len(data) < n:
        more = conn.recv(n - len(data))
        if not more:
            raise ValueError("connection closed after %d of %d bytes" % (len(data), n))
        data += more
    return data


def read_message(conn):
    n, _ = read_uint16(read_exactly(conn, 2))
    return read_exactly(conn, n)


# --- the client ---

def call(address, method, *args):
    request = write_uint16(METHODS.index(method)) + b"".join(map(write_string, args))
    with socket.create_connection(address, timeout=10) as conn:
        conn.sendall(write_uint16(len(request)) + request)
        response = read_message(conn)
        if conn.recv(1):
            raise ValueError("the server sent more than its response")
    result = None
    if method in RETURN_A_LIST:
        result, response = read_strings(response)
    error, response = read_string(response)
    if response:
        raise ValueError("bytes after the error: %r" % response)
    return {"error": error} if error else {"result": result}


def run_calls(host, port):
    for line in sys.stdin:
        print(json.dumps(call((host, int(port)), *json.loads(line))), flush=True)


# --- the server ---

class Room:
    def __init__(self):
        self.mutex = threading.Lock()
        self.messages = {}
        self.shutdown = threading.Event()

    def tell_all(self, message):
        for queue in self.messages.values():
            queue.append(message)

    def Register(self, user):
        if not 1 <= len(user.encode()) <= 20:
            raise ValueError("Register: user must be between 1 and 20 letters")
        if not user.isalnum():
            raise ValueError("Register: user must only contain letters and digits")
        self.tell_all("*** %s has logged in" % user)
        self.messages[user] = []

    def List(self):
        return sorted(self.messages)

    def CheckMessages(self, user):
        if user not in self.messages:
            return ["*** You are not logged in, " + user]
        queue, self.messages[user] = self.messages[user], []
        return queue

    def Tell(self, user, target, message):
        if target in self.messages:
            self.messages[target].append("%s tells you %s" % (user, message))
        elif user in self.messages:
            self.messages[user].append("*** No such user: " + target)

    def Say(self, user, message):
        self.tell_all("%s says %s" % (user, message))

    def Quit(self, user):
        self.tell_all("*** %s has logged out" % user)
        self.messages.pop(user, None)

    def Shutdown(self):
        self.shutdown.set()


def respond(room, request):
    result, method, error = None, "", ""
    try:
        number, rest = read_uint16(request)
        if number >= len(METHODS):
            raise ValueError("unknown message type %d" % number)
        method = METHODS[number]
        args = []
        for _ in range(PARAMETERS[method]):
            arg, rest = read_string(rest)
            args.append(arg)
        with room.mutex:
            result = getattr(room, method)(*args)
    except ValueError as e:
        error = str(e)
    results = write_strings(result or []) if method in RETURN_A_LIST else b""
    return results + write_string(error)


def dispatch(room, conn):
    with conn:
        conn.settimeout(10)
        response = respond(room, read_message(conn))
        conn.sendall(write_uint16(len(response)) + response)


def serve():
    room = Room()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    print(listener.getsockname()[1], flush=True)
    while not room.shutdown.is_set():
        try:
            conn, _ = listener.accept()
        except TimeoutError:
            continue
        threading.Thread(target=dispatch, args=(room, conn)).start()


if __name__ == "__main__":
    {"call": run_calls, "serve": serve}[sys.argv[1]](*sys.argv[2:])
