"""The one form in which addresses are compared, whoever sent them: identity, consent and suppression agree."""

SHORTEST_PHONE = 7


def address(namespace: str, value: str) -> str:
    """`Ada@Example.org ` → `ada@example.org`, `+44 (0)20 …` → digits. Empty if it is no such address."""
    text = value.strip()
    if namespace == "email":
        return text.lower() if "@" in text else ""
    if namespace == "phone":
        digits = "".join(char for char in text if char.isdigit())
        return ("+" if text.startswith("+") else "") + digits if len(digits) >= SHORTEST_PHONE else ""
    return text
