"""Regular expressions that a rule may use: the part that means the same everywhere and is never slow.

Allowed are characters, `.`, classes in brackets, `\\d \\w \\s` and their opposites, `^`, `$`, groups, `|` and the
quantifiers `* + ? {2} {2,} {2,5}`. PostgreSQL matches these in time that grows with the text alone; back references
and looking around are what makes matching slow, so they are refused, as is everything that would grow too large.
"""

from dataclasses import dataclass

LONGEST = 200
LARGEST = 1_000
"""Characters a pattern may stand for when its repetitions are written out: PostgreSQL does write them out."""
DEEPEST = 10
CLASSES, OPPOSITES, SPECIAL = "dws", "DWS", "tn"


class BadPattern(Exception):
    """What is wrong with it, and where."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(f"{message} (at character {at + 1})")


def check_pattern(text: str) -> None:
    """Raises BadPattern."""
    if len(text) > LONGEST:
        raise BadPattern(LONGEST, f"is longer than {LONGEST} characters")
    reader = _Reader(text)
    reader.choice(DEEPEST)
    if reader.at < len(text):
        raise BadPattern(reader.at, "has a ) without its (; write \\) for the character")


@dataclass
class _Reader:
    """Recursive descent. Each part returns how many characters it stands for at most, written out."""

    text: str
    at: int = 0

    def choice(self, depth: int) -> int:
        if depth == 0:
            raise BadPattern(self.at, f"has groups in more than {DEEPEST} others")
        size = self._branch(depth)
        while self._take("|"):
            size += self._branch(depth)
        return size

    def _branch(self, depth: int) -> int:
        size, start = 0, self.at
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            size += self._piece(depth)
            if size > LARGEST:
                raise BadPattern(self.at - 1, f"repeats more than {LARGEST:,} characters in all")
        if self.at == start:
            raise BadPattern(start, "has an empty alternative or group")
        return size

    def _piece(self, depth: int) -> int:
        if self._take("^") or self._take("$"):
            self._no_quantifier()
            return 1
        size = self._atom(depth)
        times = self._quantifier()
        if times is not None:
            self._take("?")
            self._no_quantifier()
            size *= times
        return size

    def _atom(self, depth: int) -> int:
        char = self.text[self.at]
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._class()
        if char == "\\":
            self._escape(CLASSES + OPPOSITES + SPECIAL)
            return 1
        if char in "*+?{":
            raise BadPattern(self.at, f"repeats nothing with {char}; write \\{char} for the character")
        self.at += 1
        return 1

    def _group(self, depth: int) -> int:
        start, self.at = self.at, self.at + 1
        if self._take("?") and not self._take(":"):
            raise BadPattern(start, "has a group that looks around or sets options, which is not allowed")
        size = self.choice(depth - 1)
        if not self._take(")"):
            raise BadPattern(start, "has a ( without its )")
        return size

    def _class(self) -> int:
        start, self.at = self.at, self.at + 1
        self._take("^")
        first = True
        while first or not self._take("]"):
            low = self._member(start)
            if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member(start)
                if not low or not high or low > high:
                    raise BadPattern(self.at - 1, "has a range that is none")
            first = False
        return 1

    def _member(self, start: int) -> str:
        """One character of a class; empty for several, such as \\d."""
        if self.at >= len(self.text):
            raise BadPattern(start, "has a [ without its ]")
        char = self.text[self.at]
        if char == "\\":
            said = self._escape(CLASSES + SPECIAL)
            return "" if said in CLASSES else said
        if char in "[]" or (char == "-" and self.text[self.at - 1] not in "[^" and self.text[self.at + 1 :][:1] != "]"):
            raise BadPattern(self.at, f"has a {char} in brackets; write \\{char} for the character")
        self.at += 1
        return char

    def _escape(self, letters: str) -> str:
        char = self.text[self.at + 1 : self.at + 2]
        if not char or (char.isalnum() and char not in letters):
            known = " ".join("\\" + one for one in letters)
            raise BadPattern(self.at, f"has \\{char}, which is not one of {known}")
        self.at += 2
        return char

    def _quantifier(self) -> int | None:
        if self._take("?"):
            return 1
        if self._take("*") or self._take("+"):
            return 2
        return self._bounds() if self._take("{") else None

    def _bounds(self) -> int:
        start = self.at
        low = self._number()
        high = low
        if self._take(","):
            high = self._number() if self.text[self.at : self.at + 1] != "}" else low + 1
        if not self._take("}") or low > high or not high:
            raise BadPattern(
                start - 1, "repeats with {…} that is none of {2}, {2,} and {2,5}; write \\{ for the character"
            )
        return high

    def _number(self) -> int:
        start = self.at
        while self.text[self.at : self.at + 1] in set("0123456789"):
            self.at += 1
        said = self.text[start : self.at]
        if not said or int(said) > 255:
            raise BadPattern(start, "repeats no number of times from 0 to 255")
        return int(said)

    def _no_quantifier(self) -> None:
        if self.text[self.at : self.at + 1] in set("*+?{"):
            raise BadPattern(self.at, "repeats what cannot be repeated")

    def _take(self, char: str) -> bool:
        found = self.text[self.at : self.at + 1] == char
        self.at += found
        return found
