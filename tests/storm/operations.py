"""What an engine does with a container, and how it ends it. Each function leads the engine's container through one such thing, and
knows what every command may answer and in what state the container is then."""
import os
import signal
import time

from caller import Lost
from command import Violation

GONE = "does not exist"
STOPPED = "container not running|is not running|cannot .* stopped|cannot .* in the (creating|stopped) state"
NOT_THERE = f"{GONE}|{STOPPED}"
PAUSED = "cannot exec in a paused container"
# An exec that the container's end overtakes may fail at any of its steps.
EXEC_LOST = f"{NOT_THERE}|killed before it was ready"
WATCHERS = {"state": ["state"], "list": ["list"], "ps": ["ps", "--format", "json"], "events": ["events", "--stats"],
            "audit": ["audit"]}


# ---- What leaves it as it was, but for limits -----------------------------------------------------

def watcher(engine, name):
    return WATCHERS[name] + ([] if name == "list" else [engine.c.id])


def watch(engine):
    name = engine.random.choice(list(WATCHERS))
    engine.run(name, *watcher(engine, name))


def update(engine):
    option, low, high = engine.random.choice([("--pids-limit", 60, 90), ("--memory", 50 << 20, 90 << 20), ("--cpu-share", 200, 900)])
    words = ["update", option, str(engine.random.randrange(low, high)), engine.c.id]
    if engine.run("update", *words).killed:
        engine.run("update", *words, calm=True)
        engine.run("audit", "audit", engine.c.id, calm=True)


def update_beside_update(engine):
    engine.race(*(["update", ["update", "--pids-limit", limit, engine.c.id], None] for limit in ("70", "80")))
    engine.run("audit", "audit", engine.c.id)


def signal_it(engine):
    engine.run("kill", "kill", engine.c.id, engine.random.choice(["USR1", "SIGUSR1", "10", "WINCH"]))


def exec_status(engine):
    code = engine.random.randrange(1, 120)
    exec_in_foreground(engine, code, f"exit {code}")


def exec_signal(engine):
    number = engine.random.choice([1, 2, 6, 9, 10, 15])
    exec_in_foreground(engine, 128 + number, f"kill -{number} $$")


def exec_in_foreground(engine, status, script):
    command = engine.run("exec", "exec", engine.c.id, "sh", "-c", script, may={status: "^$"})
    if not command.killed and command.status != status:
        raise Violation(f"{command} instead of {status}")


def exec_missing(engine):
    command = engine.run("exec-missing", "exec", engine.c.id, "/nowhere", may={255: "no such file or directory"})
    if command.status == 0:
        raise Violation(f"it cannot succeed: {command}")


def exec_detached(engine, terminal=False):
    code = engine.random.randrange(1, 120)
    pid_file = f"{engine.place}/exec.pid"
    words = ["exec", "--detach", "--pid-file", pid_file]
    words += ["--tty", "--console-socket", engine.c.listen()] if terminal else []
    if engine.run("exec-tty" if terminal else "exec-detached", *words, engine.c.id, "sh", "-c", f"exit {code}").killed:
        return
    if terminal:
        os.close(engine.c.receive_terminal())
    # The end of the terminal's only master hangs the process up.
    engine.expect_end(engine.c.read_pid(pid_file), *([code, -signal.SIGHUP] if terminal else [code]))


def exec_terminal(engine):
    exec_detached(engine, terminal=True)


def pause(engine):
    if engine.run("pause", "pause", engine.c.id).killed:
        return settle(engine)
    engine.expect_status("paused")
    if engine.random.random() < 0.5:
        command = engine.run("exec-paused", "exec", engine.c.id, "true", may={255: PAUSED})
        if command.status == 0:
            raise Violation(f"it cannot succeed: {command}")
    if engine.random.random() < 0.15:
        raise Lost
    if engine.run("resume", "resume", engine.c.id).killed:
        settle(engine)


def settle(engine):
    """After a pause or resume that was killed in the middle: it is either, and can be resumed."""
    if engine.status() == "paused":
        engine.run("resume", "resume", engine.c.id, calm=True)


def exec_beside_pause(engine):
    code = engine.random.randrange(1, 120)
    execution = engine.begin("exec", "exec", engine.c.id, "sh", "-c", f"exit {code}", calm=True)
    time.sleep(engine.random.random() * engine.typical.get("exec", 0.01))
    engine.run("pause", "pause", engine.c.id, calm=True)
    engine.run("resume", "resume", engine.c.id, calm=True)
    if engine.end(execution, {code: "^$", 255: PAUSED}).status == 0:
        raise Violation(f"{execution} instead of {code}")


def pause_beside_resume(engine):
    engine.race(["pause", ["pause", engine.c.id], None], ["resume", ["resume", engine.c.id], {1: "not paused"}])
    settle(engine)


def delete_refused(engine):
    if engine.run("delete", "delete", engine.c.id, may={1: "that is not stopped: running"}).status == 0:
        raise Violation("a running container was deleted without --force")


# ---- Its end --------------------------------------------------------------------------------------

def end_by_term(engine):
    end_by(engine, "TERM", engine.c.code)


def end_by_kill(engine):
    end_by(engine, "KILL", -signal.SIGKILL)


def end_by(engine, name, status):
    if engine.run("kill", "kill", engine.c.id, name).killed:
        engine.run("kill", "kill", engine.c.id, name, may={1: "container not running"}, calm=True)
    engine.expect_end(engine.c.pid, status)
    engine.expect_status("stopped")
    if engine.run("delete", "delete", engine.c.id).killed:
        raise Lost


def delete_forced(engine):
    if engine.run("delete", "delete", "--force", engine.c.id).killed:
        raise Lost
    engine.expect_end(engine.c.pid, -signal.SIGKILL)


def delete_beside(engine, *calls):
    engine.c.hooks_known = False
    engine.race(["delete", ["delete", "--force", engine.c.id], None], *calls)
    engine.expect_end(engine.c.pid, -signal.SIGKILL)


def delete_beside_kill(engine):
    delete_beside(engine, ["kill", ["kill", engine.c.id, "KILL"], {1: NOT_THERE}])


def delete_beside_delete(engine):
    delete_beside(engine, ["delete", ["delete", "--force", engine.c.id], None])


def delete_beside_exec(engine):
    delete_beside(engine, ["exec-lost", ["exec", engine.c.id, "sleep", "1000"], {137: "^$", 255: EXEC_LOST}])


def delete_beside_watchers(engine):
    delete_beside(engine, *([name, watcher(engine, name), {1: NOT_THERE}] for name in WATCHERS))


def delete_beside_change(engine):
    words = engine.random.choice([["pause"], ["update", "--pids-limit", "77"], ["resume"]])
    delete_beside(engine, [words[0], words + [engine.c.id], {1: f"{NOT_THERE}|not paused"}])


def start_beside_end(engine):
    engine.c.hooks_known = False
    words = engine.random.choice([["kill", engine.c.id, "KILL"], ["delete", "--force", engine.c.id]])
    engine.race(["start", ["start", engine.c.id], {1: f"{NOT_THERE}|exec fifo is empty|has stopped|creating"}],
                [words[0], words, {1: NOT_THERE} if words[0] == "kill" else None])
    engine.expect_end(engine.c.pid, -signal.SIGKILL)
    raise Lost


BEFORE_START = [watch, update, exec_status, pause]
ENDS_BEFORE_START = [delete_forced, start_beside_end]
RUNNING = [watch, watch, update, signal_it, exec_status, exec_status, exec_signal, exec_missing, exec_detached, exec_terminal, pause,
           update_beside_update, exec_beside_pause, pause_beside_resume, delete_refused]
ENDS = [end_by_term, end_by_term, end_by_kill, delete_forced, delete_beside_kill, delete_beside_delete, delete_beside_exec,
        delete_beside_watchers, delete_beside_change]
