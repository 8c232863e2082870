"""engine.py PLACE NUMBER: one engine of the storm, a subreaper as real ones are. It leads one container after the other through
a life drawn at random, with a model of what each command must answer, and looks after each that nothing of it is left.

Every cycle draws from a generator of its own, seeded with "SEED:ENGINE:CYCLE": what is called can be had again, when it
happens cannot. Violations go to stdout with the cycle's log; the figures are left in PLACE.
"""
import os
import pickle
import random
import re
import signal
import sys
import time

from children import Children
from command import DEADLINE, Command, Violation
from containers import FEATURES, Container, choose_features, hierarchies

SILENT = {"create", "start", "kill", "delete", "pause", "resume", "update"}
GONE = "does not exist"
STOPPED = "container not running|is not running|cannot .* stopped|cannot .* in the (creating|stopped) state"
NOT_THERE = f"{GONE}|{STOPPED}"
# An exec that the container's end overtakes may fail at any of its steps.
EXEC_LOST = f"{NOT_THERE}|killed before it was ready"
WATCHERS = {"state": ["state"], "list": ["list"], "ps": ["ps", "--format", "json"], "events": ["events", "--stats"],
            "audit": ["audit"]}


class Lost(Exception):
    """The runtime was killed at work: like any engine this one now removes the container, whatever its state."""


class Engine:
    def __init__(self, storm, number):
        self.storm, self.number = storm, number
        self.place = f"{storm['base']}/{number}"
        self.root = f"{self.place}/root"
        self.parent = f"{storm['parent']}/{number}"
        self.children = Children()
        self.typical, self.figures, self.messages = {}, {}, {}
        self.counts = {"cycles": 0, "killed": 0, "stopped": 0, "lost": 0, "violations": 0}

    # ---- Commands ----------------------------------------------------------------------------

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

    # ---- What is seen of the container -------------------------------------------------------

    def status(self):
        command = self.run("state", "state", self.c.id)
        text = (self.run("state", "state", self.c.id, calm=True) if command.killed else command).text
        pid = int(re.search(r'"pid": (\d+)', text)[1])
        if self.c.pid and pid not in (0, self.c.pid):
            raise Violation(f"state says process {pid}, the pid file said {self.c.pid}")
        return re.search(r'"status": "(\w+)"', text)[1]

    def expect_status(self, *wanted):
        status = self.status()
        if status not in wanted:
            raise Violation(f"status {status} instead of {' or '.join(wanted)}")

    def expect_end(self, pid, *wanted):
        status = self.children.wait(pid, DEADLINE)
        if status not in wanted:
            raise Violation(f"process {pid} ended with {status} instead of {wanted}")

    def expect_nothing(self):
        """Of the container's, anywhere that this engine can see."""
        if not self.children.wait_all(DEADLINE):
            raise Violation("a process lives on")
        left = [f"{self.root}/{name}" for name in os.listdir(self.root)] if os.path.isdir(self.root) else []
        left += [d for h in hierarchies() if os.path.exists(d := f"{h}{self.parent}/{self.c.id}")]
        left += [d for h in hierarchies() if os.path.exists(d := f"{h}/{self.c.unit()}")] if self.storm["systemd"] else []
        if left:
            raise Violation(f"left: {left}")
        self.c.expect_end_of_output()
        self.c.expect_hooks()

    # ---- A life ------------------------------------------------------------------------------

    def create(self):
        c, words = self.c, ["create", "--bundle", self.c.bundle, "--pid-file", self.c.pid_file]
        words += ["--console-socket", c.listen()] if c.terminal else []
        twice = self.random.random() < 0.1
        commands = [self.begin("create", *words, c.id, stdout=c.output_end(), calm=twice) for _ in range(1 + twice)]
        c.close_output_end()
        for command in commands:
            self.finish(command)
        for command in commands:
            self.judge(command, {1: "already exists"} if twice else None)
        if commands[0].killed:
            raise Lost
        if sum(command.status for command in commands) != twice:
            raise Violation("two creations, and not one came through")
        c.created()

    def start(self):
        c, may = self.c, {1: "already running|has stopped|exec fifo is empty"}
        if self.random.random() < 0.15:
            one, two = self.race(["start", ["start", c.id], may], ["start", ["start", c.id], may])
            if one.status + two.status != 1:
                raise Violation(f"two starts: {one}; {two}")
        elif self.run("start", "start", c.id).killed:
            raise Lost
        c.started = True
        c.expect_ready()

    def life(self):
        c = self.c = Container(self, choose_features(self.random), "wait")
        self.create()
        self.expect_status("created")
        for _ in range(self.random.randrange(2)):
            self.random.choice([self.watch, self.update, self.exec_status, self.pause_created])()
        if self.random.random() < 0.15:
            return self.random.choice([self.delete_forced, self.start_beside_end])()
        self.start()
        for _ in range(self.random.randrange(6)):
            self.random.choice(OPERATIONS)(self)
            self.expect_status("running")
        self.random.choice(ENDS)(self)

    def foreground(self):
        """run, which must end with the status of the program."""
        way = self.random.choice(["exit", "term", "kill", "die", "delete"])
        features = choose_features(self.random) - {"terminal"}
        features = features - {"userns"} | {"hostpid"} if way == "die" else features
        c = self.c = Container(self, features, way if way in ("exit", "die") else "wait")
        command = self.begin("run" if way in ("exit", "die") else "run-until-" + way, "run", "--bundle", c.bundle, "--pid-file",
                             c.pid_file, c.id, stdout=c.output_end())
        c.close_output_end()
        if way in ("term", "kill", "delete") and c.is_ready():
            self.end_foreground(way, command)
        may = {c.code: "^$"} if way in ("exit", "term") else {128 + c.code: "^$"} if way == "die" else {137: "^$"}
        if self.end(command, may).killed:
            raise Lost
        if command.status == 0 or not c.been_ready and way not in ("exit", "die"):
            raise Violation(f"{command}, which was to end by {way}, status {c.code}")
        c.started = True

    def end_foreground(self, way, command):
        may = {1: NOT_THERE} if command.timer else {}
        if way == "term":
            command.signal(signal.SIGTERM)
        elif way == "kill":
            self.run("kill", "kill", self.c.id, "KILL", may=may, calm=True)
        else:
            self.run("delete", "delete", "--force", self.c.id, may=may, calm=True)

    # ---- Operations on a running container ---------------------------------------------------

    def watch(self):
        name = self.random.choice(list(WATCHERS))
        self.run(name, *WATCHERS[name], *([] if name == "list" else [self.c.id]))

    def update(self):
        option, low, high = self.random.choice([("--pids-limit", 60, 90), ("--memory", 50 << 20, 90 << 20), ("--cpu-share", 200, 900)])
        words = ["update", option, str(self.random.randrange(low, high)), self.c.id]
        if self.run("update", *words).killed:
            self.run("update", *words, calm=True)
            self.run("audit", "audit", self.c.id, calm=True)

    def update_beside_update(self):
        words = ["update", "--pids-limit", "{}", self.c.id]
        calls = [["update", [w.format(n) for w in words], None] for n in (70, 80)]
        self.race(*calls)
        self.run("audit", "audit", self.c.id)

    def signal_it(self):
        self.run("kill", "kill", self.c.id, self.random.choice(["USR1", "SIGUSR1", "10", "WINCH"]))

    def exec_status(self):
        code = self.random.randrange(1, 120)
        self.exec_in_foreground(code, f"exit {code}")

    def exec_signal(self):
        number = self.random.choice([1, 2, 6, 9, 10, 15])
        self.exec_in_foreground(128 + number, f"kill -{number} $$")

    def exec_in_foreground(self, status, script):
        command = self.run("exec", "exec", self.c.id, "sh", "-c", script, may={status: "^$"})
        if not command.killed and command.status != status:
            raise Violation(f"{command} instead of {status}")

    def exec_missing(self):
        command = self.run("exec-missing", "exec", self.c.id, "/nowhere", may={255: "no such file or directory"})
        if command.status == 0:
            raise Violation(f"it cannot succeed: {command}")

    def exec_detached(self, terminal=False):
        code = self.random.randrange(1, 120)
        pid_file = f"{self.place}/exec.pid"
        words = ["exec", "--detach", "--pid-file", pid_file]
        words += ["--tty", "--console-socket", self.c.listen()] if terminal else []
        if self.run("exec-tty" if terminal else "exec-detached", *words, self.c.id, "sh", "-c", f"exit {code}").killed:
            return
        if terminal:
            os.close(self.c.receive_terminal())
        # The end of the terminal's only master hangs the process up.
        self.expect_end(self.c.read_pid(pid_file), *([code, -signal.SIGHUP] if terminal else [code]))

    def exec_terminal(self):
        self.exec_detached(terminal=True)

    def pause(self):
        may = {255: "cannot exec in a paused container"}
        if self.run("pause", "pause", self.c.id).killed:
            return self.settle()
        self.expect_status("paused")
        if self.random.random() < 0.5:
            command = self.run("exec-paused", "exec", self.c.id, "true", may=may)
            if command.status == 0:
                raise Violation(f"it cannot succeed: {command}")
        if self.random.random() < 0.15:
            raise Lost
        if self.run("resume", "resume", self.c.id).killed:
            self.settle()

    def pause_created(self):
        self.pause()
        self.expect_status("created")

    def settle(self):
        """After a pause or resume that was killed in the middle: it is either, and can be resumed."""
        if self.status() == "paused":
            self.run("resume", "resume", self.c.id, calm=True)

    def exec_beside_pause(self):
        code = self.random.randrange(1, 120)
        execution = self.begin("exec", "exec", self.c.id, "sh", "-c", f"exit {code}", calm=True)
        time.sleep(self.random.random() * self.typical.get("exec", 0.01))
        self.run("pause", "pause", self.c.id, calm=True)
        self.run("resume", "resume", self.c.id, calm=True)
        if self.end(execution, {code: "^$", 255: "cannot exec in a paused container"}).status == 0:
            raise Violation(f"{execution} instead of {code}")

    def pause_beside_resume(self):
        self.race(["pause", ["pause", self.c.id], None], ["resume", ["resume", self.c.id], {1: "not paused"}])
        self.settle()

    def delete_refused(self):
        if self.run("delete", "delete", self.c.id, may={1: "that is not stopped: running"}).status == 0:
            raise Violation("a running container was deleted without --force")

    # ---- Its end -----------------------------------------------------------------------------

    def end_by_term(self):
        self.end_by("TERM", self.c.code)

    def end_by_kill(self):
        self.end_by("KILL", -signal.SIGKILL)

    def end_by(self, name, status):
        if self.run("kill", "kill", self.c.id, name).killed:
            self.run("kill", "kill", self.c.id, name, may={1: "container not running"}, calm=True)
        self.expect_end(self.c.pid, status)
        self.expect_status("stopped")
        if self.run("delete", "delete", self.c.id).killed:
            raise Lost

    def delete_forced(self):
        if self.run("delete", "delete", "--force", self.c.id).killed:
            raise Lost
        self.expect_end(self.c.pid, -signal.SIGKILL)

    def delete_beside(self, *calls):
        self.c.hooks_known = False
        self.race(["delete", ["delete", "--force", self.c.id], None], *calls)
        self.expect_end(self.c.pid, -signal.SIGKILL)

    def delete_beside_kill(self):
        self.delete_beside(["kill", ["kill", self.c.id, "KILL"], {1: NOT_THERE}])

    def delete_beside_delete(self):
        self.delete_beside(["delete", ["delete", "--force", self.c.id], None])

    def delete_beside_exec(self):
        self.delete_beside(["exec-lost", ["exec", self.c.id, "sleep", "1000"], {137: "^$", 255: EXEC_LOST}])

    def delete_beside_watchers(self):
        self.delete_beside(*([name, words + ([] if name == "list" else [self.c.id]), {1: NOT_THERE}]
                             for name, words in WATCHERS.items()))

    def delete_beside_change(self):
        words = self.random.choice([["pause"], ["update", "--pids-limit", "77"], ["resume"]])
        self.delete_beside([words[0], words + [self.c.id], {1: f"{NOT_THERE}|not paused"}])

    def start_beside_end(self):
        self.c.hooks_known = False
        words = self.random.choice([["kill", self.c.id, "KILL"], ["delete", "--force", self.c.id]])
        self.race(["start", ["start", self.c.id], {1: f"{NOT_THERE}|exec fifo is empty|has stopped|creating"}],
                  [words[0], words, {1: NOT_THERE} if words[0] == "kill" else None])
        self.expect_end(self.c.pid, -signal.SIGKILL)
        raise Lost

    def create_beside_delete(self):
        """Whoever comes first: afterwards there is a container or there is none, and no third thing."""
        c = self.c = Container(self, choose_features(self.random) - {"terminal"}, "wait")
        c.hooks_known = False
        self.race(["create-lost", ["create", "--bundle", c.bundle, c.id], {1: "level=error"}],
                  ["delete", ["delete", "--force", c.id], None], ["list", ["list"], None])
        raise Lost

    # ---- The storm ---------------------------------------------------------------------------

    def cycle(self, number):
        self.random = random.Random(f"{self.storm['seed']}:{self.number}:{number}")
        self.log, self.c, self.started = [], None, time.monotonic()
        self.counts["cycles"] += 1
        try:
            try:
                self.random.choices([self.life, self.foreground, self.create_beside_delete], [8, 3, 1])[0]()
            except Lost:
                self.counts["lost"] += 1
                self.c.hooks_known = False
                self.run("delete-lost", "delete", "--force", self.c.id, calm=True)
            self.expect_nothing()
        except Violation as violation:
            self.complain(number, violation)
        except Exception as error:  # pylint: disable=broad-except
            self.complain(number, f"{type(error).__name__}: {error} (line {error.__traceback__.tb_next.tb_lineno})")
        self.c.close()

    def complain(self, number, violation):
        self.counts["violations"] += 1
        features = " ".join(sorted(self.c.features)) or "plain"
        print(f"VIOLATION seed {self.storm['seed']} engine {self.number} cycle {number} ({features}): {violation}",
              *self.log, sep="\n    ", flush=True)
        try:
            self.run("delete-lost", "delete", "--force", self.c.id, calm=True)
        except Violation as another:
            print(f"    and then {another}", flush=True)

    def storm_on(self):
        before = len(os.listdir("/proc/self/fd"))
        first, last = self.storm["cycles"]
        number = first
        while time.time() < self.storm["until"] and not os.path.exists(self.storm["stop"]):
            self.cycle(number)
            number = first if number == last else number + 1
        if (after := len(os.listdir("/proc/self/fd"))) != before:
            self.counts["violations"] += 1
            print(f"VIOLATION engine {self.number} has {after} descriptors, had {before}", flush=True)
        with open(f"{self.place}/figures", "wb") as file:
            pickle.dump((self.counts, self.figures, self.messages), file)


OPERATIONS = [Engine.watch, Engine.watch, Engine.update, Engine.signal_it, Engine.exec_status, Engine.exec_status,
              Engine.exec_signal, Engine.exec_missing, Engine.exec_detached, Engine.exec_terminal, Engine.pause,
              Engine.update_beside_update, Engine.exec_beside_pause, Engine.pause_beside_resume, Engine.delete_refused]
ENDS = [Engine.end_by_term, Engine.end_by_term, Engine.end_by_kill, Engine.delete_forced, Engine.delete_beside_kill,
        Engine.delete_beside_delete, Engine.delete_beside_exec, Engine.delete_beside_watchers, Engine.delete_beside_change]

if __name__ == "__main__":
    with open(f"{sys.argv[1]}/storm", "rb") as settings:
        Engine(pickle.load(settings), int(sys.argv[2])).storm_on()
