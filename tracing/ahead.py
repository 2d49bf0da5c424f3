"""Many pieces of work beside each other in threads, a bounded number ahead of whoever takes the results."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Final, TypeVar

MOST: Final = 256
"""Threads at most; each piece may hold a photo in memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    work: Callable[[Item], Result], items: Iterable[Item], at_once: Callable[[], int]
) -> Generator[tuple[Item, Future[Result]], None, None]:
    """Each item with its finished work, in the order in which it is finished.

    At most ``at_once()`` pieces are begun and not handed out yet; it is asked again for each. Whoever closes this early, or is
    interrupted, does not wait for what was begun: it ends by itself and its results are lost.
    """
    threads = ThreadPoolExecutor(MOST, "ahead")
    finished: SimpleQueue[Future[Result]] = SimpleQueue()
    begun: dict[Future[Result], Item] = {}
    left = iter(items)
    try:
        while True:
            for item in islice(left, max(0, min(MOST, at_once()) - len(begun))):
                task = threads.submit(work, item)
                begun[task] = item
                task.add_done_callback(finished.put)
            if not begun:
                return
            task = finished.get()
            yield begun.pop(task), task
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
