"""Rules, and what two versions of them differ in, as sentences a steward reads."""

from collections.abc import Mapping

from cdp.common.templatetags.look import namespace as label
from identity.rules import ANY, Blocked, Fuzzy, Namespace, Rules


def name_of(namespace: str) -> str:
    if namespace == ANY:
        return "Every other kind"
    found = label(namespace)
    return found[:1].upper() + found[1:]


def ordered(rules: Rules) -> list[Namespace]:
    return sorted(rules.namespaces.values(), key=lambda one: (one.priority, one.name))


def in_words(one: Namespace) -> str:
    """What the rule means for a person."""
    if not one.joins:
        return "Sharing one joins nobody by itself; it speaks for one person where likeness is weighed."
    if one.is_hard:
        limit = "Two different ones are always two people."
    elif one.limit is None:
        limit = "A person may have any number."
    else:
        within = f" first seen within {one.window_days:,} days" if one.window_days else ""
        limit = f"A person has at most {one.limit:,}{within}."
    shared = f"One that more than {one.most_records:,} records have names nobody."
    return f"{limit} {shared}"


def differences(old: Rules, new: Rules) -> list[str]:
    """What is other in `new`, strongest first."""
    return [*_of_namespaces(old, new), *_of_order(old, new), *_of_blocked(old, new), *_of_fuzzy(old.fuzzy, new.fuzzy)]


def _of_namespaces(old: Rules, new: Rules) -> list[str]:
    said = []
    for one in ordered(new):
        before = old.namespaces.get(one.name)
        if before is None:
            said.append(f"{name_of(one.name)} has a rule of its own: {_lower(in_words(one))}")
        elif _without_priority(before) != _without_priority(one):
            said += _changed(before, one)
    gone = old.namespaces.keys() - new.namespaces.keys()
    return said + [f"{name_of(name)} has no rule of its own any more." for name in sorted(gone)]


def _without_priority(one: Namespace) -> tuple[object, ...]:
    return one.form, one.is_hard, one.joins, one.limit, one.window_days, one.most_records


def _changed(old: Namespace, new: Namespace) -> list[str]:
    name, said = name_of(new.name), []
    if new.is_hard != old.is_hard:
        said.append(
            f"{name}: two different ones are now two people, whatever else they share."
            if new.is_hard
            else f"{name}: two different ones may now be one person."
        )
    if new.joins != old.joins:
        said.append(
            f"{name}: those who share one are now one person."
            if new.joins
            else f"{name}: sharing one no longer joins people by itself."
        )
    if (new.limit, new.window_days) != (old.limit, old.window_days):
        said.append(f"{name}: a person has {_limit(new)}, not {_limit(old)}.")
    if new.most_records != old.most_records:
        said.append(f"{name}: one may be on up to {new.most_records:,} records, not {old.most_records:,}.")
    if new.form != old.form:
        said.append(f"{name}: new ones are compared {new.form.label}, not {old.form.label}.")
    return said


def _limit(one: Namespace) -> str:
    if one.limit is None:
        return "any number"
    return f"at most {one.limit:,}" + (f" within {one.window_days:,} days" if one.window_days else "")


def _of_order(old: Rules, new: Rules) -> list[str]:
    names = [one.name for one in ordered(new) if one.name in old.namespaces]
    before = [one.name for one in ordered(old) if one.name in new.namespaces]
    if names == before:
        return []
    return [f"Strongest first is now: {', '.join(name_of(name) for name in names)}."]


def _of_blocked(old: Rules, new: Rules) -> list[str]:
    was, now = _keyed(old.blocked), _keyed(new.blocked)
    said = [f"Blocked: {_value(*key)}." for key in now if key not in was]
    return said + [f"No longer blocked: {_value(*key)}." for key in was if key not in now]


def _keyed(blocked: tuple[Blocked, ...]) -> dict[tuple[str, str], Blocked]:
    return {(one.namespace, one.value): one for one in blocked}


def _value(namespace: str, value: str) -> str:
    return f"“{value}” of any kind" if namespace == ANY else f"{name_of(namespace)} “{value}”"


def _of_fuzzy(old: Fuzzy, new: Fuzzy) -> list[str]:
    said = []
    if new.is_on != old.is_on:
        said.append(f"Matching by likeness is {'on' if new.is_on else 'off'}.")
    if new.link != old.link:
        said.append(f"Records are joined by likeness from {_percent(new.link)}, not {_percent(old.link)}.")
    if new.review != old.review:
        said.append(f"A steward is asked from {_percent(new.review)}, not {_percent(old.review)}.")
    if new.largest != old.largest:
        said.append(f"Likeness builds groups of up to {new.largest:,} records, not {old.largest:,}.")
    return said + _of_kinds(old.kinds, new.kinds)


def _of_kinds(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    said = [f"The trait {name} is compared as {_kind(kind)}." for name, kind in new.items() if old.get(name) != kind]
    return said + [f"The trait {name} is recognised by its name again." for name in old if name not in new]


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
