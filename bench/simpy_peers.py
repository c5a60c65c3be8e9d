"""The same work in SimPy 4.1, the simulator that Python users know.

Each function answers nanoseconds per operation. Two ways to write it: as callbacks on bare events, the
fastest that SimPy allows, and as processes, the way it is meant to be used. SimPy keeps no trace digest and
draws from one generator, so it does less than our side.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator

import simpy

MEAN = 0.001  # one millisecond, in seconds
Process = Generator[simpy.Event, None, None]


def per_operation(operations: int, work: Callable[[], object]) -> float:
    """Processor time, as the C++ side measures it."""
    start = time.process_time_ns()
    work()
    return (time.process_time_ns() - start) / operations


def run_events(environment: simpy.Environment, events: int) -> None:
    step = environment.step
    for _ in range(events):
        step()


def hold_callbacks(pending: int, events: int) -> float:
    """HOLD: each event schedules its successor after an exponential time."""
    environment = simpy.Environment()
    draw = random.Random(1).expovariate
    turns = [0] * pending

    def schedule(item: int) -> None:
        event = simpy.events.Timeout(environment, draw(1 / MEAN), item)
        event.callbacks.append(fire)

    def fire(event: simpy.Event) -> None:
        item: int = event._value
        turns[item] += 1
        schedule(item)

    for item in range(pending):
        schedule(item)
    run_events(environment, pending)
    return per_operation(events, lambda: run_events(environment, events))


def hold_processes(pending: int, events: int) -> float:
    environment = simpy.Environment()
    draw = random.Random(1).expovariate
    turns = [0] * pending

    def holder(item: int) -> Process:
        while True:
            yield environment.timeout(draw(1 / MEAN))
            turns[item] += 1

    for item in range(pending):
        environment.process(holder(item))
    run_events(environment, 2 * pending)  # First each process starts, then it waits once.
    return per_operation(events, lambda: run_events(environment, events))


def mm1_processes(customers: int) -> float:
    """M/M/1 as in SimPy's own bank example, of the load of examples/mm1.hpp."""
    environment = simpy.Environment()
    draw = random.Random(1).expovariate
    server = simpy.Resource(environment, capacity=1)

    def customer() -> Process:
        with server.request() as turn:
            yield turn
            yield environment.timeout(draw(1 / (8 * MEAN)))

    def source() -> Process:
        for _ in range(customers):
            yield environment.timeout(draw(1 / (10 * MEAN)))
            environment.process(customer())

    environment.process(source())
    return per_operation(customers, environment.run)
