"""How an engine calls the runtime: what befalls each command is drawn, what it answers is judged, and the figures are kept."""
import random
import re
import signal
import time

from children import Children
from command import Command, Violation

SILENT = {"create", "start", "kill", "delete", "pause", "resume", "update"}


class Lost(Exception):
    """The runtime was killed at work: like any engine this one now removes the container, whatever its state."""


class Caller:
    def __init__(self, storm, number):
        self.storm, self.number = storm, number
        self.place = f"{storm['base']}/{number}"
        self.root = f"{self.place}/root"
        self.children = Children()
        # Seconds that a kind of command takes, of late and each time; what was answered other than success, and how often.
        self.typical, self.figures, self.messages = {}, {}, {}
        self.counts = {"cycles": 0, "killed": 0, "stopped": 0, "lost": 0, "violations": 0}

    def begin_cycle(self, number):
        self.random = random.Random(f"{self.storm['seed']}:{self.number}:{number}")
        self.log, self.started = [], time.monotonic()
        self.counts["cycles"] += 1

    def draw_blow(self, kind):
        """SIGKILL or SIGSTOP at a moment spread evenly over the time that such a command takes."""
        chance, moment = self.random.random(), self.random.random()
        if chance > self.storm["blows"] * 4 / 3:
            return None
        number = signal.SIGKILL if chance < self.storm["blows"] else signal.SIGSTOP
        return number, moment * self.typical.get(kind, 0.01)

    def begin(self, kind, *words, stdout=None, calm=False):
        blow = self.draw_blow(kind)
        command = Command(self.children, [self.storm["runtime"], "--root", self.root, *self.storm["options"], *words],
                          stdout, None if calm else blow)
        command.kind = kind
        return command

    def finish(self, command):
        try:
            command.end()
        finally:
            self.note(command)

    def judge(self, command, may):
        if command.killed:
            return
        if command.status == 0 and command.kind in SILENT and command.text:
            raise Violation(f"a success that is not silent: {command}")
        if command.status and not re.search((may or {}).get(command.status, "$^"), command.text):
            raise Violation(f"unexpected: {command}")

    def end(self, command, may=None):
        """Waits for it. It must succeed, or fail as `may` = {status: pattern of the message} allows."""
        self.finish(command)
        self.judge(command, may)
        return command

    def run(self, kind, *words, may=None, calm=False):
        return self.end(self.begin(kind, *words, calm=calm), may)

    def note(self, command):
        self.log.append(f"{command.begun - self.started:.4f} +{command.seconds:.4f} {command}")
        self.counts["killed"] += command.killed
        self.counts["stopped"] += command.struck == signal.SIGSTOP
        if command.status and command.text and not command.killed:
            message = re.sub(r"\d+|time=\S+", "N", command.text.replace(self.place, ""))[:200]
            key = f"{command.kind} {command.status}: {message}"
            self.messages[key] = self.messages.get(key, 0) + 1
        if not command.struck:
            self.figures.setdefault(command.kind, []).append(command.seconds)
            old = self.typical.get(command.kind, command.seconds)
            self.typical[command.kind] = 0.9 * old + 0.1 * command.seconds

    def race(self, *calls):
        """[kind, words, may] each, begun in any order and a moment apart. Returns the commands in the order given."""
        commands = [None] * len(calls)
        for i in self.random.sample(range(len(calls)), len(calls)):
            commands[i] = self.begin(calls[i][0], *calls[i][1], calm=True)
            time.sleep(self.random.random() * self.typical.get(calls[i][0], 0.01) / 2)
        for command in commands:
            self.finish(command)
        for command, call in zip(commands, calls):
            self.judge(command, call[2])
        return commands
