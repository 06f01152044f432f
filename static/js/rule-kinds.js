// One row per kind of condition: what it is called where one is added, a fresh one, and how it reads as a sentence.
import { drawCut } from "./rule-cut.js";
import { drawEvent, drawInterval, drawItem, drawSequence } from "./rule-event.js";
import { drawMessage } from "./rule-message.js";
import { drawAnniversary, drawCluster, drawComputed, drawConsent, drawOverlap, drawRfm, drawSample, drawScore, drawSeen, drawSegment, drawTrait } from "./rule-person.js";

const DAYS_30 = () => ({ kind: "last", amount: 30, unit: "day" });
const firstEvent = (words) => words.events.find((one) => /order|purchase/i.test(one.name))?.name ?? "";

// `needs`: the words without which there is nothing to choose.
export const KINDS = {
  event: {
    group: "What they did", title: "Did something", hint: "or did not: how often, how much, when", icon: "activity", draw: drawEvent,
    fresh: () => ({ kind: "event", name: "", op: "at_least", value: 1, window: DAYS_30() }),
  },
  item: {
    group: "What they did", title: "Dealt with a product", hint: "an item, a category, a brand", icon: "package", draw: drawItem,
    fresh: () => ({ kind: "item", name: "", by: "category", values: [], op: "at_least", value: 1, window: DAYS_30() }),
  },
  sequence: {
    group: "What they did", title: "One thing after another", hint: "added to the cart, then did not order", icon: "list-check", draw: drawSequence,
    fresh: () => ({ kind: "sequence", window: DAYS_30(), steps: [{ name: "" }, { name: "", did: false, within: { amount: 24, unit: "hour" } }] }),
  },
  interval: {
    group: "What they did", title: "Silent for longer than usual", hint: "by each person's own habit", icon: "clock", draw: drawInterval,
    fresh: (words) => ({ kind: "interval", name: firstEvent(words), times: 1.5 }),
  },
  message: {
    group: "What they did", title: "Got or answered a mail", hint: "sent, opened, clicked, or not", icon: "mail", draw: drawMessage,
    fresh: () => ({ kind: "message", op: "opened", window: DAYS_30() }),
  },
  trait: {
    group: "Who they are", title: "Something known of them", hint: "city, language, level …", icon: "id", draw: drawTrait,
    fresh: () => ({ kind: "trait", name: "", op: "is", value: "" }),
  },
  computed: {
    group: "Who they are", title: "A computed trait", hint: "days since the last order, favourite category …", icon: "gauge", draw: drawComputed, needs: "computed",
    fresh: (words) => ({ kind: "computed", key: words.computed[0]?.id ?? "", op: words.computed[0]?.type === "text" ? "is" : "is_set" }),
  },
  anniversary: {
    group: "Who they are", title: "A day that comes round", hint: "a birthday, the day they joined", icon: "gift", draw: drawAnniversary,
    fresh: (words) => ({ kind: "anniversary", name: words.traits.find((one) => /birth|born|dob/i.test(one.name))?.name ?? "", op: "this_month" }),
  },
  seen: {
    group: "Who they are", title: "First or last seen", hint: "new, or away for long", icon: "eye", draw: drawSeen,
    fresh: () => ({ kind: "seen", which: "first", op: "within_last", amount: 30, unit: "day" }),
  },
  consent: {
    group: "Who they are", title: "Consent and reach", hint: "said yes, may be written to", icon: "shield-check", draw: drawConsent,
    fresh: () => ({ kind: "consent", op: "reachable", channel: "email" }),
  },
  segment: {
    group: "Groups of people", title: "In another segment", hint: "or not in it", icon: "chart-pie", draw: drawSegment, needs: "segments",
    fresh: (words) => ({ kind: "segment", id: words.segments[0]?.id, op: "in" }),
  },
  overlap: {
    group: "Groups of people", title: "In several segments", hint: "at least 2 of these 3", icon: "hierarchy-2", draw: drawOverlap, needs: "segments",
    fresh: (words) => ({ kind: "overlap", segments: words.segments.slice(0, 2).map((one) => one.id), op: "at_least", value: 2 }),
  },
  rfm: {
    group: "Groups of people", title: "RFM bands", hint: "recency, frequency, money spent", icon: "chart-dots", draw: drawRfm,
    fresh: () => ({ kind: "rfm", recency: [4, 5], frequency: [4, 5] }),
  },
  percentile: {
    group: "Groups of people", title: "The top or bottom share", hint: "the tenth that spends most", icon: "percentage", draw: drawCut,
    fresh: (words) => ({ kind: "percentile", side: "top", percent: 10, of: { kind: "event", name: firstEvent(words), measure: "sum", window: { kind: "last", amount: 1, unit: "year" } } }),
  },
  top: {
    group: "Groups of people", title: "The first so many", hint: "the 1,000 with the most points", icon: "sort-descending", draw: drawCut,
    fresh: (words) => ({ kind: "top", count: 1000, of: { kind: "event", name: firstEvent(words), measure: "sum", window: { kind: "last", amount: 1, unit: "year" } } }),
  },
  sample: {
    group: "Groups of people", title: "A random share", hint: "that stays the same", icon: "users-group", draw: drawSample,
    fresh: () => ({ kind: "sample", from: 0, to: 10, seed: "" }),
  },
  cluster: {
    group: "Groups of people", title: "In a cluster", hint: "people who behave alike", icon: "chart-dots", draw: drawCluster, needs: "clusterings",
    fresh: (words) => ({ kind: "cluster", id: words.clusterings[0]?.id, in: words.clusterings[0]?.clusters.slice(0, 1).map((one) => one.id) }),
  },
  score: {
    group: "What is expected", title: "Likely to do something", hint: "by a predictor", icon: "brain", draw: drawScore, needs: "predictors",
    fresh: (words) => ({ kind: "score", id: words.predictors[0]?.id, op: "at_least", value: 0.5 }),
  },
};

// What the page may offer: kinds that the server knows, and that have something to choose from.
export const offered = (words) => Object.entries(KINDS).filter(([key, kind]) => (!kind.needs || words[kind.needs]?.length) && (!words.kinds || words.kinds.includes(key)));
