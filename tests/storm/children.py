"""All processes that end below an engine: those that it started, and the orphans that come to it as a subreaper."""
import os
import signal
import threading

# Python ignores the first two; a shell lets what it starts in the background ignore the others.
DEFAULT = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT]


class Children:
    def __init__(self):
        self.changed = threading.Condition()
        self.ended = {}
        self.none = True
        threading.Thread(target=self.reap, daemon=True).start()

    def spawn(self, argv, stdout, stderr):
        """Returns (pid, pidfd). The lock keeps the reaper from taking the process before its pidfd is there."""
        files = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                 (os.POSIX_SPAWN_DUP2, stdout, 1), (os.POSIX_SPAWN_DUP2, stderr, 2)]
        with self.changed:
            pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=files,
                                 setsigdef=DEFAULT)
            self.none = False
            self.ended.pop(pid, None)
            self.changed.notify_all()
            return pid, os.pidfd_open(pid)

    def reap(self):
        while True:
            try:
                info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                self.await_spawn()
                continue
            with self.changed:
                os.waitpid(info.si_pid, 0)
                self.ended[info.si_pid] = info.si_status if info.si_code == os.CLD_EXITED else -info.si_status
                self.changed.notify_all()

    def await_spawn(self):
        with self.changed:
            try:
                os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            except ChildProcessError:
                self.none = True
                self.changed.notify_all()
                self.changed.wait_for(lambda: not self.none)

    def wait(self, pid, seconds):
        """The exit status, or the signal that ended it as a negative number; None if it lives on."""
        with self.changed:
            self.changed.wait_for(lambda: pid in self.ended, seconds)
            return self.ended.get(pid)

    def wait_all(self, seconds):
        """False when some live on; otherwise all is forgotten, before numbers are used again."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.none, seconds):
                return False
            self.ended.clear()
            return True
