"""A container as its engine sees it: bundle, output, terminal, process, hooks."""
import glob
import os
import select
import socket

from command import DEADLINE, Violation

# What a configuration may have more than the plain one: jq filters.
FEATURES = {
    "userns": """.linux.namespaces += [{type: "user"}] | .root.path = $shifted
        | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings""",
    "hostpid": '.linux.namespaces |= map(select(.type != "pid"))',
    "terminal": ".process.terminal = true",
    "hooks": """.hooks = (["createRuntime", "poststart", "poststop"] | map({key: ., value: [
        {path: "/bin/sh", args: ["sh", "-c", "cat >/dev/null; echo \\(.) >>@PLACE@/hooks"]}]}) | from_entries)""",
    "seccomp": """.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["keyctl", "add_key", "mount"], action: "SCMP_ACT_ERRNO"}]}""",
    "limits": """.linux.resources += {memory: {limit: 67108864}, pids: {limit: 50},
        cpu: {shares: 512, quota: 50000, period: 100000}}""",
}
PLAIN = """.root = {path: $rootfs, readonly: true} | .process.terminal = false | del(.process.rlimits)
    | .process.args = ["sh", "-c", "@PROGRAM@"] | .process.env += [$mark] | .linux.cgroupsPath = "@CGROUP@" """
PROGRAMS = {
    "wait": "trap 'exit @CODE@' TERM; trap : USR1; echo ready; sleep 1000 & while :; do wait; done",
    "exit": "exit @CODE@",
    "die": "kill -@CODE@ $$",
}


def choose_features(draw):
    chosen = {name for name in FEATURES if draw.random() < 0.3}
    # procfs can only be mounted by who owns the pid namespace.
    return chosen - {"hostpid"} if "userns" in chosen else chosen


def hierarchies():
    """Where cgroups are: one directory on v2, one for each hierarchy on v1."""
    top = "/sys/fs/cgroup"
    return [top] if os.path.exists(f"{top}/cgroup.procs") else glob.glob(f"{top}/*")


class Container:
    templates = {}

    def __init__(self, engine, features, program):
        self.engine, self.features = engine, features
        self.id = "c"
        self.code = engine.random.choice([1, 2, 6, 9, 10, 15]) if program == "die" else engine.random.randrange(1, 120)
        self.terminal = "terminal" in features
        self.bundle = f"{engine.place}/bundle"
        self.pid_file = f"{engine.place}/pid"
        self.socket_path = f"{engine.place}/socket"
        self.pid, self.listener, self.read_end, self.write_end = None, None, None, None
        self.started, self.been_ready, self.hooks_known = False, False, True
        self.remove_files()
        self.write_bundle(program)

    def unit(self):
        return f"storm.slice/storm{self.engine.number}-{self.id}.scope"

    # ---- Files -------------------------------------------------------------------------------

    def remove_files(self):
        """pid files (a runtime that is killed may leave a second one, half-written, beside), socket, what hooks wrote."""
        for name in os.listdir(self.engine.place):
            if name not in ("root", "bundle"):
                os.unlink(f"{self.engine.place}/{name}")

    def template(self):
        storm = self.engine.storm
        key = " ".join(sorted(self.features))
        if key not in self.templates:
            arguments = ["--arg", "rootfs", f"{storm['base']}/rootfs", "--arg", "shifted", f"{storm['base']}/shifted",
                         "--arg", "mark", storm["mark"], f"{storm['base']}/config.json"]
            filters = " | ".join([PLAIN] + [FEATURES[name] for name in FEATURES if name in self.features])
            # Without subprocess.run(): the engine's reaper takes all children.
            with open(f"{self.bundle}/config.json", "wb") as file:
                pid, pidfd = self.engine.children.spawn([storm["jq"], filters, *arguments], file.fileno(), 2)
            os.close(pidfd)
            if self.engine.children.wait(pid, DEADLINE) != 0:
                raise Violation("jq has failed")
            with open(f"{self.bundle}/config.json", encoding="utf-8") as file:
                self.templates[key] = file.read()
        return self.templates[key]

    def write_bundle(self, program):
        engine = self.engine
        cgroup = f"storm.slice:storm{engine.number}:{self.id}" if engine.storm["systemd"] else f"{engine.parent}/{self.id}"
        text = self.template().replace("@PROGRAM@", PROGRAMS[program]).replace("@CODE@", str(self.code))
        text = text.replace("@CGROUP@", cgroup).replace("@PLACE@", engine.place)
        with open(f"{self.bundle}/config.json", "w", encoding="utf-8") as file:
            file.write(text)

    def read_pid(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if not text.isdigit():
            raise Violation(f"pid file: {text!r}")
        return int(text)

    # ---- Output ------------------------------------------------------------------------------

    def output_end(self):
        """The pipe that becomes the container's stdout, if it gets no terminal."""
        if self.write_end is None:
            self.read_end, self.write_end = os.pipe()
        return self.write_end

    def close_output_end(self):
        os.close(self.write_end)
        self.write_end = None

    def listen(self):
        """Returns the address."""
        self.close_listener()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.settimeout(DEADLINE)
        self.listener.bind(self.socket_path)
        self.listener.listen()
        return self.socket_path

    def close_listener(self):
        if self.listener:
            self.listener.close()
            os.unlink(self.socket_path)
        self.listener = None

    def receive_terminal(self):
        """As go-runc does: nothing is accepted before the command has ended."""
        with self.listener.accept()[0] as connection:
            _, fds, _, _ = socket.recv_fds(connection, 4096, 8)
        self.close_listener()
        if len(fds) != 1:
            raise Violation(f"{len(fds)} descriptors came over the console socket")
        return fds[0]

    def created(self):
        self.pid = self.read_pid(self.pid_file)
        if not self.terminal:
            return
        # The runtime's own output ends with it.
        self.expect_end_of_output()
        os.close(self.read_end)
        self.read_end = self.receive_terminal()

    def read(self):
        if not select.select([self.read_end], [], [], DEADLINE)[0]:
            raise Violation("the container's output has neither come nor ended")
        try:
            return os.read(self.read_end, 4096)
        except OSError:  # EIO: the terminal's last user has gone
            return b""

    def is_ready(self):
        self.been_ready = self.read().startswith(b"ready")
        return self.been_ready

    def expect_ready(self):
        if not self.is_ready():
            raise Violation("the program ended before it began")

    def expect_end_of_output(self):
        while self.read_end is not None and self.read():
            pass

    def expect_hooks(self):
        if "hooks" not in self.features or not self.hooks_known:
            return
        with open(f"{self.engine.place}/hooks", encoding="utf-8") as file:
            ran = file.read().split()
        if ran != ["createRuntime"] + ["poststart"] * self.started + ["poststop"]:
            raise Violation(f"hooks that ran: {ran}")

    def close(self):
        self.close_listener()
        for fd in self.read_end, self.write_end:
            if fd is not None:
                os.close(fd)
