/* protocol.h - how launch/systemd.c and the helper program speak with each other.
 *
 *     helper start|set|stop system|user UNIT
 *     helper attach system|user UNIT SUBCGROUP PID
 *
 * Standard input: the plan's block, for start and set. Standard output and error: a stream socket. There the helper says in
 * one line each what it is about to do, or what is wrong; the dynamic loader's words count as that as well, when it
 * finds no libsystemd. The last line of a success is "done". For start it connects first, and then waits there for the
 * number of the process that is to be in the unit. With it comes a descriptor that has the lock of the state directory:
 * a creator that is killed leaves a call behind that nobody can take back, so the helper lives on and holds the lock
 * until the unit is there or never will be. Exit status 3: the connection was lost, as when systemd executes itself
 * anew; another helper may do better.
 *
 * Environment: what names a bus, and nothing else. Who waits for the helper kills it when that takes too long. */
#pragma once

#define SYSTEMD_DONE "done"
enum { SYSTEMD_HUNG_UP = 3 };
enum { SYSTEMD_LIFETIME = 40 };         /* seconds; nobody waits that long for it */
