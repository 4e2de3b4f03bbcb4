"""A small disk for the record that can be filled up, where the tests may mount one; else a limit for the processes."""

import contextlib
import os
import resource
import subprocess

SIZE = 512 * 1024 * 1024


class Disk:
    """Holds a folder. `fill`: nothing more can be written; `free` ends that.

    As root it is a file system of its own. Others cannot mount one: there the processes may not write files that are
    longer than they are already, which the database takes for a disk that fails.
    """

    def __init__(self, folder):
        self.folder = folder
        self._own = os.geteuid() == 0
        if self._own:
            size = f"size={SIZE}"
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=False)
            self._own = mounted.returncode == 0

    def fill(self, pids=()):
        if self._own:
            with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 20))
            with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
                while True:
                    file.write(b"\0")
        else:
            self._limit(pids, 1)

    def free(self, pids=()):
        if self._own:
            self._filler.unlink(missing_ok=True)
        else:
            self._limit(pids, resource.RLIM_INFINITY)

    def only_read(self, path):
        """Nothing can be written; no file may be open for writing."""
        if self._own:
            subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)
        else:
            path.chmod(0o400)
            self.folder.chmod(0o500)

    def writable(self, path):
        if self._own:
            subprocess.run(["mount", "-o", "remount,rw", str(self.folder)], check=True)
        else:
            self.folder.chmod(0o700)
            path.chmod(0o600)

    def stop(self):
        self.free()
        if self._own:
            subprocess.run(["umount", str(self.folder)], check=False)

    @property
    def _filler(self):
        return self.folder / "filler"

    @staticmethod
    def _limit(pids, most):
        for pid in pids:
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
