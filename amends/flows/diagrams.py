"""Formulas as decision diagrams: equal ones are the same node, and the answers that fulfil one can be counted.

A node asks one question (for a question with many options, about one option) and has a branch for each
answer; nodes are shared and never repeat what does not matter (reduced ordered multi-valued decision diagrams,
after Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

NEVER, ALWAYS = 0, 1
MOST_NODES = 300_000
"""More than this try a person's patience: about 2 s. The shipped flow has 12,000."""
MOST_LEVELS = 250
_END = 1 << 30


class TooLarge(Exception):  # noqa: N818 - it reads as what it says
    """The diagram would be too large."""


class Diagrams:
    """Diagrams over the answers to some questions; the logic of an `encode.Copy`.

    Args:
        one: question -> its options, of which one is answered.
        many: question -> its options, of which any may be answered.
        order: the questions, in the order in which the diagrams ask them.

    Raises:
        TooLarge: too many questions, or later too many nodes.
    """

    def __init__(
        self, one: Mapping[str, Sequence[str]], many: Mapping[str, Sequence[str]], order: Iterable[str]
    ) -> None:
        self._many = frozenset(many)
        self._sizes: list[int] = []
        self._questions: list[str] = []
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        for name in order:
            if name in one:
                for n, option in enumerate(one[name]):
                    self._places[name, option] = (len(self._sizes), n)
                self._level(name, len(one[name]))
            else:
                for option in many[name]:
                    self._places[name, option] = (len(self._sizes), 1)
                    self._level(name, 2)
        if len(self._sizes) > MOST_LEVELS:
            raise TooLarge
        self._levels = [_END, _END]
        self._branches: list[tuple[int, ...]] = [(), ()]
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._chosen: dict[tuple[int, int, int], int] = {}

    def _level(self, name: str, size: int) -> None:
        self._questions.append(name)
        self._sizes.append(size)

    def option(self, question: str, option: str) -> int:
        """Whether the option is answered; never, for one that is not among the options."""
        if (question, option) not in self._places:
            return NEVER
        level, branch = self._places[question, option]
        return self._node(level, tuple(int(n == branch) for n in range(self._sizes[level])))

    def setting(self, name: str) -> int:
        """Settings have to be known: they are no questions."""
        raise LookupError(name)

    def fixed(self, value: bool) -> int:
        """Always, or never."""
        return int(value)

    def every(self, parts: Iterable[int]) -> int:
        """Whether all parts hold."""
        whole = ALWAYS
        for part in parts:
            whole = self._choose(whole, part, NEVER)
        return whole

    def some(self, parts: Iterable[int]) -> int:
        """Whether at least one part holds."""
        whole = NEVER
        for part in parts:
            whole = self._choose(whole, ALWAYS, part)
        return whole

    def opposite(self, part: int) -> int:
        """Whether the part does not hold."""
        return self._choose(part, NEVER, ALWAYS)

    def differ(self, one: int, other: int) -> int:
        """Whether one holds and the other does not."""
        return NEVER if one == other else self._choose(one, self.opposite(other), other)

    def one_of(self, options: Sequence[int]) -> int:
        """One of which one is answered is so by the diagram's shape; what is no option there never is."""
        return self.some(options)

    def at_most(self, question: str, count: int) -> int:
        """Whether at most so many options of a question are answered."""
        levels = [level for level, name in enumerate(self._questions) if name == question]
        below = [ALWAYS] * (count + 1)
        for level in reversed(levels):
            below = [self._node(level, (below[left], below[left - 1] if left else NEVER)) for left in range(count + 1)]
        return below[count]

    def within(self, node: int, region: int) -> int:
        """A node that says the same within a region, and outside it what it says somewhere in the region.

        So it hangs on a question only if that question matters within the region (the generalised cofactor of
        Coudert and Madre). The region must not be empty.
        """
        return self._within(node, region, {})

    def _within(self, node: int, region: int, known: dict[tuple[int, int], int]) -> int:
        if region == ALWAYS or node <= ALWAYS:
            return node
        key = (node, region)
        if key not in known:
            level = min(self._levels[node], self._levels[region])
            nodes, regions = self._sides(level, key)
            inside = next(n for n, part in enumerate(regions) if part != NEVER)
            places = [n if part != NEVER else inside for n, part in enumerate(regions)]
            known[key] = self._node(level, tuple([self._within(nodes[n], regions[n], known) for n in places]))
        return known[key]

    def given(self, nodes: Iterable[int], answers: Mapping[str, Collection[str]]) -> Iterator[int]:
        """Each node when these questions are answered so: it hangs on the others only."""
        branches: dict[int, int] = {}
        for (name, option), (level, branch) in self._places.items():
            if name in answers:
                chosen = option in answers[name]
                if chosen or (name in self._many and level not in branches):
                    branches[level] = branch if chosen else 0
        known: dict[int, int] = {}
        return (self._given(node, branches, known) for node in nodes)

    def _given(self, node: int, branches: Mapping[int, int], known: dict[int, int]) -> int:
        while node > ALWAYS and (branch := branches.get(self._levels[node])) is not None:
            node = self._branches[node][branch]
        if node <= ALWAYS:
            return node
        if node not in known:
            below = tuple([self._given(n, branches, known) for n in self._branches[node]])
            known[node] = self._node(self._levels[node], below)
        return known[node]

    def size(self, node: int) -> int:
        """How many nodes the diagram has."""
        return len(self._below(node))

    def questions_of(self, node: int) -> frozenset[str]:
        """The questions that the node hangs on."""
        return frozenset(self._questions[self._levels[n]] for n in self._below(node))

    def count(self, node: int, over: Collection[str]) -> int:
        """How many ways to answer the questions in `over` fulfil the node, which hangs on no other questions.

        What is not well formed counts too, unless the node excludes it.
        """
        ways = [1]
        for name, size in zip(reversed(self._questions), reversed(self._sizes), strict=True):
            ways.append(ways[-1] * (size if name in over else 1))
        ways.reverse()
        counts = {NEVER: 0, ALWAYS: 1}
        last = len(self._sizes)
        for n in sorted(self._below(node), key=lambda n: -self._levels[n]):
            level = self._levels[n]
            counts[n] = sum(
                counts[branch] * ways[level + 1] // ways[min(self._levels[branch], last)]
                for branch in self._branches[n]
            )
        return counts[node] * ways[0] // ways[min(self._levels[node], last)]

    def answers(self, node: int) -> dict[str, tuple[str, ...]]:
        """One way to fulfil the node, which must not be `NEVER`: the first option wherever there is a choice."""
        branches = {}
        while node > ALWAYS:
            level = self._levels[node]
            branches[level] = next(n for n, below in enumerate(self._branches[node]) if below != NEVER)
            node = self._branches[node][branches[level]]
        found: dict[str, tuple[str, ...]] = dict.fromkeys(self._questions, ())
        for (name, option), (level, branch) in self._places.items():
            if branches.get(level, 0) == branch:
                found[name] += (option,)
        return found

    def _below(self, node: int) -> set[int]:
        found: set[int] = set()
        waiting = [node]
        while waiting:
            n = waiting.pop()
            if n > ALWAYS and n not in found:
                found.add(n)
                waiting += self._branches[n]
        return found

    def _node(self, level: int, branches: tuple[int, ...]) -> int:
        first = branches[0]
        if all(branch == first for branch in branches):
            return first
        key = (level, branches)
        node = self._known.get(key)
        if node is None:
            node = len(self._levels)
            if node > MOST_NODES:
                raise TooLarge
            self._levels.append(level)
            self._branches.append(branches)
            self._known[key] = node
        return node

    def _choose(self, condition: int, then: int, otherwise: int) -> int:
        if condition == ALWAYS or then == otherwise:
            return then
        if condition == NEVER:
            return otherwise
        if then == ALWAYS and otherwise == NEVER:
            return condition
        key = (condition, then, otherwise)
        found = self._chosen.get(key)
        if found is None:
            level = min([self._levels[n] for n in key])
            sides = self._sides(level, key)
            found = self._node(level, tuple([self._choose(*parts) for parts in zip(*sides, strict=True)]))
            self._chosen[key] = found
        return found

    def _sides(self, level: int, nodes: Sequence[int]) -> list[tuple[int, ...]]:
        """The branches of each node at a level, at which some of them ask nothing."""
        return [self._branches[n] if self._levels[n] == level else (n,) * self._sizes[level] for n in nodes]
