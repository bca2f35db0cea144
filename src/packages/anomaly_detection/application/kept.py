"""What is dear to work out and never changes, kept for the next one who asks."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Kept(Generic[V]):
    """The ``most`` values asked for last. Two who ask at once for a new one both work it out."""

    most: int
    _found: OrderedDict[Hashable, V] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._found

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        value = make()
        with self._lock:
            self._found[key] = value
            while len(self._found) > self.most:
                self._found.popitem(last=False)
        return value
