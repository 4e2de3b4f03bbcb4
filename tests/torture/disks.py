"""A disk for the record that can be full, where the tests may mount one; else a limit for the processes."""

import os
import resource
import subprocess

SIZE = "8g"


class Disk:
    """Holds a folder. `fill`: nothing more can be written; `free` ends that.

    As root it is a file system of its own, in memory. Others cannot mount one: there the processes may not write files
    that are longer than they are already, which the database takes for a disk that fails.
    """

    def __init__(self, folder):
        self.folder = folder
        self._own = os.geteuid() == 0 and _mount(f"size={SIZE}", "-t", "tmpfs", "tmpfs", str(folder)) == 0

    def fill(self, pids=()):
        if self._own:
            self._become(lambda: f"size={_used(self.folder)}")
        else:
            _limit(pids, 1)

    def free(self, pids=()):
        if self._own:
            self._become(lambda: f"size={SIZE}")
        else:
            _limit(pids, resource.RLIM_INFINITY)

    def only_read(self, path):
        """Nothing can be written; no file may be open for writing."""
        if self._own:
            self._become(lambda: "ro")
        else:
            path.chmod(0o400)
            self.folder.chmod(0o500)

    def writable(self, path):
        if self._own:
            self._become(lambda: "rw")
        else:
            self.folder.chmod(0o700)
            path.chmod(0o600)

    def stop(self):
        if self._own:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _become(self, how):
        # A file may grow between the look and the change; then it is looked at again.
        assert any(_mount(f"remount,{how()}", str(self.folder)) == 0 for _ in range(20))


def _used(folder):
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _mount(options, *words):
    return subprocess.run(["mount", "-o", options, *words], check=False, capture_output=True).returncode


def _limit(pids, most):
    for pid in pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
