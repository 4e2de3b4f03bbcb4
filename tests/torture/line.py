"""A line between two processes that can be cut, held up and slowed while they talk."""

import asyncio
import contextlib
import threading

from tests.waiting import LONGEST

CHUNK = 65536


class Line:
    """Listens on a port of loopback and carries everything to another one, or to a Unix socket.

    `cut`: nobody gets through, and who was talking is cut off. `hang`: who calls is let in, and hears nothing more.
    `slow`: each piece of what is said takes so many seconds longer. `mend` ends all of that.
    """

    def __init__(self, to):
        self._to = to
        self._how = ""
        self._late = 0.0
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._writers = set()
        self._tasks = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._call, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self.mend()

    def cut(self):
        self._do(self._become("cut", 0.0))

    def hang(self):
        self._do(self._become("hang", 0.0))

    def slow(self, seconds):
        self._do(self._become("", seconds))

    def mend(self):
        self._do(self._become("", 0.0))

    def stop(self):
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)

    async def _become(self, how, late):
        self._how, self._late = how, late
        if how == "cut":
            self._abort()
        if how == "hang":
            self._open.clear()
        else:
            self._open.set()

    async def _end(self):
        self._server.close()
        self._abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _abort(self):
        for writer in self._writers:
            writer.transport.abort()
        self._open.set()

    async def _call(self, reader, writer):
        self._writers.add(writer)
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            if self._how != "cut":
                await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the other end is not there; who called notices
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _connect(self, reader, writer):
        await self._open.wait()
        opening = asyncio.open_unix_connection(self._to) if isinstance(self._to, str) else None
        there, back = await (opening or asyncio.open_connection("127.0.0.1", self._to))
        self._writers.add(back)
        try:
            both = {
                asyncio.create_task(self._carry(reader, back)),
                asyncio.create_task(self._carry(there, writer)),
            }
            _, rest = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            # The rest of an answer may still be on its way when the question's side is closed.
            if rest:
                await asyncio.wait(rest, timeout=5)
            for task in both:
                task.cancel()
        finally:
            self._writers.discard(back)
            back.transport.abort()

    async def _carry(self, reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(CHUNK):
                if self._late:
                    await asyncio.sleep(self._late)
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
