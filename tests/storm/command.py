"""One call of the runtime, as an engine makes it, and what may befall it: SIGKILL, or SIGSTOP and later SIGCONT."""
import os
import signal
import threading
import time

DEADLINE = 90


class Violation(Exception):
    """Something that must not be."""


class Command:
    """Runs from its making on; end() waits for it. A `blow` is (signal, seconds from now), or None."""

    def __init__(self, children, argv, stdout=None, blow=None):
        self.argv, self.children = argv, children
        self.text, self.struck, self.killed = "", None, False
        self.output = os.memfd_create("output")
        self.begun = time.monotonic()
        out = self.output if stdout is None else stdout
        self.pid, self.pidfd = children.spawn(argv, out, self.output)
        self.timer = blow and threading.Timer(blow[1], self.strike, [blow[0]])
        if blow:
            self.timer.start()

    def signal(self, number):
        try:
            signal.pidfd_send_signal(self.pidfd, number)
            return True
        except ProcessLookupError:
            return False

    def strike(self, number):
        if not self.signal(number):
            return
        self.struck = number
        if number == signal.SIGSTOP:
            time.sleep(min(0.1, time.monotonic() - self.begun))
            self.signal(signal.SIGCONT)

    def end(self):
        self.status = self.children.wait(self.pid, DEADLINE)
        self.seconds = time.monotonic() - self.begun
        if self.status is None:
            self.text = self.last_words()
            self.signal(signal.SIGKILL)
            self.children.wait(self.pid, DEADLINE)
        if self.timer:
            self.timer.cancel()
            self.timer.join()
        self.text += os.pread(self.output, 1 << 16, 0).decode(errors="replace").strip()
        os.close(self.output)
        os.close(self.pidfd)
        self.killed = self.struck == signal.SIGKILL and self.status == -signal.SIGKILL
        if self.status is None:
            raise Violation(f"{self} has not ended after {DEADLINE} s")
        return self

    def last_words(self):
        """Where a process that does not end is, as the kernel sees it."""
        words = ""
        for name in "wchan", "syscall", "stack", "status":
            try:
                with open(f"/proc/{self.pid}/{name}") as file:
                    words += f"[{name}] {file.read()}\n"
            except OSError:
                pass
        return words

    def __str__(self):
        blow = f" (struck by signal {self.struck})" if self.struck else ""
        return f"{' '.join(self.argv[3:])} -> {self.status}{blow}: {self.text}"
