"""Carries whole messages over a socket, within a deadline, and accepts no more than is allowed."""

import select
import socket
import struct
import time
from collections.abc import Callable

import numpy as np

from coursework.ipc.wire import Buffer, Closed, Late, Malformed

__all__ = ["Channel"]

_HEADER = struct.Struct("!II")
_MAX_BUFFERS = 256
_MAX_MESSAGES = 8
_WATCH_SECONDS = 0.25
_WATCH = struct.pack("ll", 0, int(1e6 * _WATCH_SECONDS))  # a timeval
_AHEAD_BYTES = 32_768


class Channel:
    """Sends and receives whole messages over a stream socket.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket; the channel owns it.
    message_bytes, buffer_bytes : int
        The largest payload and the largest sum of buffers that are received.
    watch : callable
        Called from time to time while a message with a deadline is awaited; may raise.

    Attributes
    ----------
    received : int
        Bytes received; setting it to 0 allows as much again.
    """

    def __init__(
        self,
        sock: socket.socket,
        message_bytes: int,
        buffer_bytes: int,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        # The kernel waits, and returns from time to time: one system call, where polling first
        # would take two.
        sock.settimeout(None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _WATCH)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _WATCH)
        self._sock = sock
        self._message_bytes = message_bytes
        self._buffer_bytes = buffer_bytes
        self._watch = watch
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable.register(sock, select.POLLOUT)
        self._chunk = memoryview(bytearray(_AHEAD_BYTES))
        self._ahead = bytearray()  # bytes beyond those that were asked for
        self.received = 0

    def send(self, payload: bytes, buffers: list[memoryview], deadline: float | None) -> None:
        """Send a message.

        Raises
        ------
        Closed, Late
            The other side is gone, or does not read before the deadline (monotonic seconds).
        """
        if not buffers:
            self._write(_HEADER.pack(len(payload), 0) + payload, deadline)
            return
        sizes = [len(buffer) for buffer in buffers]
        header = _HEADER.pack(len(payload), len(sizes))
        packed = struct.pack(f"!{len(sizes)}Q", *sizes)
        self._write(b"".join((header, packed, payload)), deadline)
        for buffer in buffers:
            self._write(buffer, deadline)

    def receive(self, deadline: float | None = None) -> tuple[bytes, list[Buffer]]:
        """Receive a message; its sizes are checked before memory is taken.

        Raises
        ------
        Closed, Late
            As in `send`.
        Malformed
            The header announces more than the limits allow.
        """
        if not self._ahead:
            came = self._read_some(self._chunk, deadline)
            if self._is_whole(came):  # as it mostly is
                self._count(len(came))
                return bytes(came[_HEADER.size :]), []
            self._ahead += came
        while len(self._ahead) < _HEADER.size:
            self._ahead += self._read_some(self._chunk, deadline)
        size, count = _HEADER.unpack_from(self._ahead)
        if size > self._message_bytes or count > _MAX_BUFFERS:
            raise Malformed(f"a message of {size:,} bytes and {count} buffers")
        del self._ahead[: _HEADER.size]
        sizes = struct.unpack(f"!{count}Q", self._read(8 * count, deadline)) if count else ()
        if sum(sizes) > self._buffer_bytes:
            raise Malformed(f"buffers of {sum(sizes):,} bytes")
        self._count(size + sum(sizes))
        payload = bytes(self._read(size, deadline))
        return payload, [self._read(length, deadline) for length in sizes]

    def _is_whole(self, data: memoryview) -> bool:
        """Whether this is exactly one message, without buffers."""
        if len(data) < _HEADER.size:
            return False
        size, count = _HEADER.unpack_from(data)
        return not count and size == len(data) - _HEADER.size and size <= self._message_bytes

    def _count(self, size: int) -> None:
        self.received += size
        if self.received > _MAX_MESSAGES * (self._message_bytes + self._buffer_bytes):
            raise Malformed(f"{self.received:,} bytes in all")

    def has_unread(self) -> bool:
        """Whether unrequested bytes have come."""
        if self._ahead or not self._readable.poll(0):
            return bool(self._ahead)
        try:
            return bool(self._sock.recv(1, socket.MSG_PEEK))
        except OSError:  # the other side is gone
            return False

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def _write(self, data: bytes | memoryview, deadline: float | None) -> None:
        left = len(data)
        while left:
            flags = self._patience(self._writable, deadline)
            try:
                left -= self._sock.send(memoryview(data)[-left:], flags)
            except BlockingIOError:
                self._watch()
            except OSError as error:
                raise Closed from error

    def _read(self, size: int, deadline: float | None) -> Buffer:
        while len(self._ahead) < size <= _AHEAD_BYTES:
            # The parts of a small message have usually come together.
            self._ahead += self._read_some(self._chunk, deadline)
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(data) == size:
            return data
        whole = np.empty(size, np.uint8).data
        whole[: len(data)] = data
        done = len(data)
        while done < size:
            done += len(self._read_some(whole[done:], deadline))
        return whole

    def _read_some(self, target: memoryview, deadline: float | None) -> memoryview:
        """Fill a part of the target, which is returned."""
        while True:
            flags = self._patience(self._readable, deadline)
            try:
                count = self._sock.recv_into(target, 0, flags)
            except BlockingIOError:
                self._watch()
                continue
            except OSError as error:
                raise Closed from error
            if not count:
                raise Closed
            return target[:count]

    def _patience(self, event: select.poll, deadline: float | None) -> int:
        """Return the flags with which a call waits no longer than the deadline allows."""
        if deadline is None:
            return 0
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        if left > _WATCH_SECONDS:
            return 0
        event.poll(1000 * left)
        return socket.MSG_DONTWAIT
