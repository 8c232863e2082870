"""engine.py PLACE NUMBER: one engine of the storm, a subreaper as real ones are. It leads one container after the other through
a life drawn at random, with a model of what each command must answer, and looks after each that nothing of it is left.

Every cycle draws from a generator of its own, seeded with "SEED:ENGINE:CYCLE": what is called can be had again, when it
happens cannot. Violations go to stdout with the cycle's log; the figures are left in PLACE.
"""
import os
import pickle
import re
import signal
import sys
import time

import operations
from caller import Caller, Lost
from command import DEADLINE, Violation
from containers import Container, choose_features, hierarchies


class Engine(Caller):
    def __init__(self, storm, number):
        super().__init__(storm, number)
        self.parent = f"{storm['parent']}/{number}"
        self.c = None

    # ---- What is seen of the container -------------------------------------------------------

    def status(self):
        command = self.run("state", "state", self.c.id)
        text = (self.run("state", "state", self.c.id, calm=True) if command.killed else command).text
        pid = int(re.search(r'"pid": (\d+)', text)[1])
        if self.c.pid and pid not in (0, self.c.pid):
            raise Violation(f"state says process {pid}, the pid file said {self.c.pid}")
        return re.search(r'"status": "(\w+)"', text)[1]

    def expect_status(self, wanted):
        if (status := self.status()) != wanted:
            raise Violation(f"status {status} instead of {wanted}")

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
        self.c = Container(self, choose_features(self.random), "wait")
        self.create()
        self.expect_status("created")
        for _ in range(self.random.randrange(2)):
            self.random.choice(operations.BEFORE_START)(self)
            self.expect_status("created")
        if self.random.random() < 0.15:
            return self.random.choice(operations.ENDS_BEFORE_START)(self)
        self.start()
        for _ in range(self.random.randrange(6)):
            self.random.choice(operations.RUNNING)(self)
            self.expect_status("running")
        self.random.choice(operations.ENDS)(self)

    def foreground(self):
        """run, which must end with the status of the program."""
        way = self.random.choice(["exit", "term", "kill", "die", "delete"])
        alone = way in ("exit", "die")
        features = choose_features(self.random) - {"terminal"}
        features = features - {"userns"} | {"hostpid"} if way == "die" else features
        c = self.c = Container(self, features, way if alone else "wait")
        command = self.begin("run" if alone else "run-until-" + way, "run", "--bundle", c.bundle, "--pid-file", c.pid_file, c.id,
                             stdout=c.output_end())
        c.close_output_end()
        if not alone and c.is_ready():
            self.end_foreground(way, command)
        status = {"exit": c.code, "term": c.code, "die": 128 + c.code, "kill": 137, "delete": 137}[way]
        if self.end(command, {status: "^$"}).killed:
            raise Lost
        if command.status == 0 or not alone and not c.been_ready:
            raise Violation(f"{command}, which was to end by {way}, status {c.code}")
        c.started = True

    def end_foreground(self, way, command):
        may = {1: operations.NOT_THERE} if command.timer else {}
        if way == "term":
            command.signal(signal.SIGTERM)
        elif way == "kill":
            self.run("kill", "kill", self.c.id, "KILL", may=may, calm=True)
        else:
            self.run("delete", "delete", "--force", self.c.id, may=may, calm=True)

    def create_beside_delete(self):
        """Whoever comes first: afterwards there is a container or there is none, and no third thing."""
        c = self.c = Container(self, choose_features(self.random) - {"terminal"}, "wait")
        c.hooks_known = False
        self.race(["create-lost", ["create", "--bundle", c.bundle, c.id], {1: "level=error"}],
                  ["delete", ["delete", "--force", c.id], None], ["list", ["list"], None])
        raise Lost

    # ---- The storm ---------------------------------------------------------------------------

    def cycle(self, number):
        self.begin_cycle(number)
        self.c = None
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
        if self.c:
            self.c.close()

    def complain(self, number, violation):
        self.counts["violations"] += 1
        features = " ".join(sorted(self.c.features)) if self.c and self.c.features else "plain"
        print(f"VIOLATION seed {self.storm['seed']} engine {self.number} cycle {number} ({features}): {violation}",
              *self.log, sep="\n    ", flush=True)
        if not self.c:
            return
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


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/storm", "rb") as settings:
        Engine(pickle.load(settings), int(sys.argv[2])).storm_on()
