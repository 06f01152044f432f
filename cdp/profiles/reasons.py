"""Why a word won, as a sentence. Pure."""

from collections.abc import Mapping, Sequence

from cdp.profiles.survivorship import Rule, Rules, Strategy, Winner, Word, canonical, own_word, place, standing

BY_HAND = "Tributary was told after everyone else, by hand or by the API."


def why(words: Sequence[Word], winner: Winner, *, rule: Rule, rules: Rules, names: Mapping[int, str]) -> str:
    """`names`: source → its name."""
    said = [word for word in standing(words, rules) if word.value is not None]
    if rule.strategy is Strategy.RECENT:
        said = [word for word in words if word.value is not None]
    if rule.strategy is Strategy.UNION:
        return "All different values together." if len(said) > 1 else "The only word; more would be listed beside it."
    if len(words) == 1:
        return "The only word on it."
    if own_word(words, rules) in said and len(said) == 1:
        return BY_HAND
    if len({canonical(word.value) for word in words}) == 1:
        return f"All {len(words)} records agree; this is the most recent word."
    won = next(word for word in said if word.record_id == winner.record_id)
    return _by_strategy(won, said, words, rule, rules, names)


def _by_strategy(
    won: Word, said: Sequence[Word], words: Sequence[Word], rule: Rule, rules: Rules, names: Mapping[int, str]
) -> str:
    match rule.strategy:
        case Strategy.RANK:
            return _by_rank(won, said, words, rule, rules, names)
        case Strategy.FREQUENT:
            times = sum(canonical(word.value) == canonical(won.value) for word in said)
            return f"{times} of {len(said)} records say so." if times > 1 else "All differ: the most recent."
        case Strategy.LONGEST:
            return f"The longest of {len(said)} words."
        case Strategy.VERIFIED:
            return "Verified." if won.is_verified else "None is verified: the most recent."
        case _:
            return f"The most recent of {len(words)} words."


def _by_rank(
    won: Word, said: Sequence[Word], words: Sequence[Word], rule: Rule, rules: Rules, names: Mapping[int, str]
) -> str:
    mine = place(won, words, rule, rules)
    beaten = [word for word in said if place(word, words, rule, rules) > mine]
    if not beaten:
        return "The most recent of the sources that rank highest."
    others = sorted({names.get(word.source_id, "a source that was removed") for word in beaten})
    return f"{names.get(won.source_id, 'A source that was removed')} ranks above {' and '.join(others)}."
