"""Where the interpreter spends CPU time. A signal begins to sample it, and the next ends that and is answered.

The answer is a line of JSON on standard output: {"profile": {"main.py:serve;tutorial.py:accept": samples}, "cpu_ns":
nanoseconds}, by stack, the innermost function last, with the CPU time of all samples. A timer of the process's CPU
time interrupts the thread that runs. Where only the main one does, a handler of Python's counts its stack. Of several
threads the interpreter's handler of faults writes down where the one that runs is: it needs no lock, which Python's
own handlers have to wait for, in the main thread. But it may meet a stack that is being built, and crash: seen once in
some eighty seconds of asyncio, which has one thread.
"""

import os
import signal
import sys
import time

ASK = 42  # connbench's sample.AskProfile
PERIOD = 0.002  # seconds; the kernel's tick where that is longer

# Of a profile that has begun: what returns its stacks, and the CPU time then.
begun = []


def answer_by_signal():
    """Makes the process answer; call it in the main thread."""
    if hasattr(signal, "SIGRTMIN"):  # which only Linux has
        signal.signal(ASK, turn)


def turn(*_):
    if begun:
        end()
        return
    signal.signal(signal.SIGPROF, signal.SIG_IGN)  # what the last one comes to, which may be late
    if len(sys._current_frames()) <= 2:  # one waits for the signal that ends all
        begun.append(count_stacks())
    else:
        begun.append(write_stacks())
    begun.append(time.process_time_ns())
    signal.setitimer(signal.ITIMER_PROF, PERIOD, PERIOD)


def end():
    take, before = begun
    took = time.process_time_ns() - before
    signal.setitimer(signal.ITIMER_PROF, 0)
    begun.clear()
    answer(take(), took)


def count_stacks():
    """Counts stacks in the only thread, and returns what returns them."""
    counts = {}

    def count(_, frame):
        codes = []
        while frame:
            codes.append(frame.f_code)
            frame = frame.f_back
        stack = tuple(codes)
        counts[stack] = counts.get(stack, 0) + 1

    def take():
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        stacks = {}
        for codes, samples in counts.items():
            names = [f"{os.path.basename(code.co_filename)}:{code.co_name}" for code in reversed(codes)]
            stack = ";".join(names)
            stacks[stack] = stacks.get(stack, 0) + samples
        return stacks

    signal.signal(signal.SIGPROF, count)
    return take


def write_stacks():
    """Has the stacks of running threads written down, and returns what returns them."""
    import faulthandler  # which takes memory that the server is not to be seen with

    samples = os.memfd_create("samples")

    def take():
        faulthandler.unregister(signal.SIGPROF)
        with open(samples, "rb") as file:
            file.seek(0)
            return fold(file.read().decode(errors="replace"))

    faulthandler.register(signal.SIGPROF, samples, all_threads=False)
    return take


def fold(text):
    """Returns how many samples have each stack."""
    import re

    stacks = {}
    for trace in text.split("Stack (most recent call first):")[1:]:
        frames = re.findall(r'File "(.*)", line \d+ in (.*)', trace)
        names = [f"{os.path.basename(path)}:{function}" for path, function in reversed(frames)]
        stack = ";".join(names or ["[interpreter]"])
        stacks[stack] = stacks.get(stack, 0) + 1
    return stacks


def answer(stacks, took):
    import json

    line = json.dumps({"profile": stacks, "cpu_ns": took}).encode() + b"\n"
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]
