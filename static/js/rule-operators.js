// One row per operator of a trait or property: its key, its words, what it takes, and for which types of values.
const ROWS = [
  ["is", "is", "one", "text number boolean"],
  ["is_not", "is not", "one", "text number boolean"],
  ["one_of", "is one of", "several", "text number"],
  ["none_of", "is none of", "several", "text number"],
  ["contains", "contains", "text", "text"],
  ["not_contains", "does not contain", "text", "text"],
  ["starts_with", "starts with", "text", "text"],
  ["not_starts_with", "does not start with", "text", "text"],
  ["ends_with", "ends with", "text", "text"],
  ["not_ends_with", "does not end with", "text", "text"],
  ["contains_any", "contains any of", "several", "text"],
  ["contains_none", "contains none of", "several", "text"],
  ["matches", "matches the pattern", "text", "text"],
  ["not_matches", "does not match the pattern", "text", "text"],
  ["more_than", "is more than", "number", "number"],
  ["at_least", "is at least", "number", "number"],
  ["less_than", "is less than", "number", "number"],
  ["at_most", "is at most", "number", "number"],
  ["between", "is between", "range", "number"],
  ["before", "is before", "date", "date"],
  ["after", "is after", "date", "date"],
  ["on", "is on", "date", "date"],
  ["between_dates", "is from", "period", "date"],
  ["within_last", "was within the last", "span", "date relative"],
  ["within_next", "is within the next", "span", "date relative"],
  ["before_last", "was before the last", "span", "date relative"],
  ["after_next", "is after the next", "span", "date relative"],
  ["in_month", "is in", "months", "date"],
  ["on_day", "is on the day of the month", "days", "date"],
  ["has_any", "has any of", "several", "list"],
  ["has_all", "has all of", "several", "list"],
  ["has_none", "has none of", "several", "list"],
  ["has_not_all", "does not have all of", "several", "list"],
  ["entry_contains", "has an entry that contains", "text", "list"],
  ["no_entry_contains", "has no entry that contains", "text", "list"],
  ["has_exactly", "has as many entries as", "number", "list"],
  ["longer_than", "has more entries than", "number", "list"],
  ["shorter_than", "has fewer entries than", "number", "list"],
  ["is_set", "is known", "nothing", "text number boolean date list"],
  ["is_not_set", "is not known", "nothing", "text number boolean date list"],
];
const TYPES = [["text", "As text"], ["number", "As a number"], ["date", "As a date"], ["list", "As a list"]];
const NOT_FOR_COLUMNS = new Set(["date", "list"]);
const known = new Map(ROWS.map(([key, words, takes, types]) => [key, { key, words, takes, types: types.split(" ") }]));

export const operator = (key) => known.get(key) ?? { key, words: key, takes: "unknown", types: [] };

// Of a value of that type; with an unknown type all, by what they look at. `only`: the keys that the server knows.
export function operatorsFor(type, { relative = true, column = false, only = null } = {}) {
  const rows = [...known.values()].filter((one) => (relative || !one.types.includes("relative")) && (!only || only.includes(one.key)));
  const of = (wanted) => rows.filter((one) => one.types.includes(wanted)).map((one) => [one.key, one.words]);
  if (type) return type === "text" && !column ? [...of("text"), ["As a date", of("date").filter(([key]) => !key.startsWith("is_"))]] : of(type);
  const seen = new Set();
  return TYPES.filter(([key]) => !column || !NOT_FOR_COLUMNS.has(key)).map(([key, label]) => {
    const fresh = of(key).filter(([op]) => !seen.has(op));
    fresh.forEach(([op]) => seen.add(op));
    return [label, fresh];
  });
}

// Operators that also compare with another value of the data.
const TWO = new Set(["is", "is_not", "more_than", "at_least", "less_than", "at_most", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"]);
export const comparesTwo = (op) => TWO.has(op);

export const COMPARISONS = [
  ["at_least", "at least"], ["more_than", "more than"], ["exactly", "exactly"], ["at_most", "at most"], ["less_than", "less than"],
];
export const UNITS = [["minute", "minutes"], ["hour", "hours"], ["day", "days"], ["week", "weeks"], ["month", "months"], ["year", "years"]];
// In the singular after 1.
export const unitsFor = (amount, units = UNITS) => (amount === 1 ? units.map(([key]) => [key, key]) : units);
export const MONTHS = Array.from({ length: 12 }, (_, month) => [month + 1, new Date(2024, month, 1).toLocaleString("en", { month: "long" })]);

// Gives a test what its operator takes, keeping what fits of what was there.
export function conform(test, type) {
  const { takes } = operator(test.op);
  const scalar = Array.isArray(test.value) ? test.value[0] : test.value;
  const drop = (...keys) => keys.forEach((key) => delete test[key]);
  if (takes === "unknown") return undefined;
  if (!comparesTwo(test.op)) drop("trait", "other_property");
  if (test.trait !== undefined || test.other_property !== undefined) return drop("value", "to", "amount", "unit");
  if (takes !== "range" && takes !== "period") drop("to");
  if (takes === "span") {
    drop("value");
    test.amount ??= 30;
    test.unit ??= "day";
    return undefined;
  }
  drop("amount", "unit");
  if (takes === "nothing") drop("value");
  else if (takes === "several") test.value = Array.isArray(test.value) ? test.value : scalar === "" || scalar == null ? [] : [scalar];
  else if (takes === "number" || takes === "range") {
    test.value = typeof scalar === "number" ? scalar : null;
    if (takes === "range") test.to ??= null;
  } else if (takes === "months" || takes === "days") test.value = Array.isArray(test.value) && test.value.every(Number.isInteger) ? test.value : [];
  else if (takes === "date" || takes === "period" || takes === "text") test.value = typeof scalar === "string" ? scalar : "";
  else test.value = scalar ?? (type === "boolean" ? true : type === "number" ? null : "");
  return undefined;
}
