"""The limit on parallel answers, from one event loop and from several."""

import asyncio
import threading
import time

import pytest

from chains.slots import Busy, Slots


async def hold(slots: Slots, seconds: float, order: list[int] | None = None, number: int = 0) -> None:
    async with slots.one():
        if order is not None:
            order.append(number)
        await asyncio.sleep(seconds)


@pytest.mark.anyio
async def test_who_comes_first_is_served_first() -> None:
    slots, order = Slots(1, wait_s=5), list[int]()
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(hold(slots, 0.01, order, number))
    assert order == [0, 1, 2, 3, 4]


@pytest.mark.anyio
async def test_who_waits_too_long_leaves_and_the_slot_is_not_lost() -> None:
    slots = Slots(1, wait_s=0.05)
    holder = asyncio.create_task(hold(slots, 0.2))
    await asyncio.sleep(0)
    with pytest.raises(Busy, match=r"no free slot in 0\.05 s"):
        await hold(slots, 0)
    await holder
    await hold(slots, 0)


@pytest.mark.anyio
async def test_a_cancelled_wait_gives_its_turn_to_the_next_one() -> None:
    slots, order = Slots(1, wait_s=5), list[int]()
    tasks = [asyncio.create_task(hold(slots, 0.05, order, number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert tasks[1].cancelled()
    assert order == [0, 2]


@pytest.mark.anyio
async def test_a_slot_given_in_the_moment_of_a_cancellation_comes_back() -> None:
    slots = Slots(1, wait_s=5)
    holder = asyncio.create_task(hold(slots, 0.02))
    await asyncio.sleep(0)
    waiter = asyncio.create_task(hold(slots, 5))
    await holder  # the turn is given to the waiter, who has not run yet
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(1):
        await hold(slots, 0)


def test_loops_in_many_threads_share_the_slots() -> None:
    slots = Slots(2, wait_s=10)
    lock, inside, most = threading.Lock(), 0, 0

    async def enter() -> None:
        nonlocal inside, most
        for _ in range(20):
            async with slots.one():
                with lock:
                    inside += 1
                    most = max(most, inside)
                await asyncio.sleep(0.001)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=lambda: asyncio.run(enter())) for _ in range(6)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (inside, most) == (0, 2)
    assert time.monotonic() - began < 10
