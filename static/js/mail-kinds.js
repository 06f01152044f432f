// One row per kind of block, and per product list that is often wanted: what it is called, in one line what it is for,
// a fresh one, and the words by which it is known again in the outline.
import { elseOf } from "./mail-tree.js";

const plain = (text) => String(text ?? "").replace(/[*_#>[\]`]/g, "").replace(/\s+/g, " ").trim();
const SOURCES = {
  recommended: "Recommendations", viewed: "Recently viewed", similar: "Similar to what they looked at", together: "Bought together", popular: "Popular now",
  new: "New in the shop", category: "Popular in a category", cart: "Left in the cart", last_purchase: "Of the last purchase", feed: "From a feed",
};
export const SOURCE_CHOICES = Object.entries(SOURCES);

const products = (source, more = {}) => ({ kind: "products", source: { fallback: "popular", ...source }, limit: 4, per_row: 2, button: "", shows_price: true, ...more });
const preset = (title, hint, icon, fresh) => ({ group: "Products", kind: "products", title, hint, icon, fresh });

export const MENU = [
  { group: "Words and pictures", kind: "text", title: "Text", hint: "paragraphs, bold, links, lists", icon: "text-size", fresh: () => ({ kind: "text", text: "" }) },
  { group: "Words and pictures", kind: "heading", title: "Heading", hint: "a line that stands out", icon: "heading", fresh: () => ({ kind: "heading", text: "" }) },
  { group: "Words and pictures", kind: "image", title: "Image", hint: "a picture, perhaps with a link", icon: "photo", fresh: () => ({ kind: "image", src: "", alt: "" }) },
  { group: "Words and pictures", kind: "button", title: "Button", hint: "one thing to do, with its link", icon: "click", fresh: () => ({ kind: "button", text: "", url: "https://" }) },
  preset("Product grid", "what sells best, or one category", "layout-grid", () => products({ kind: "popular" })),
  preset("Recommendations", "chosen for each person", "sparkles", () => products({ kind: "recommended" }, { shows_reason: true })),
  preset("Recently viewed", "what they looked at last", "eye", () => products({ kind: "viewed" })),
  preset("Cart", "what they left in the cart", "shopping-cart", () => products({ kind: "cart", fallback: "hide", leaves_out_bought: false })),
  preset("Last purchase", "what they bought last", "shopping-bag", () => products({ kind: "last_purchase", fallback: "hide", leaves_out_bought: false })),
  preset("From a feed", "items that an endpoint of yours gives", "rss", () => products({ kind: "feed", feed: "", path: "" })),
  { group: "Made for each person", kind: "offer", title: "Offer", hint: "a discount with a code of their own", icon: "rosette-discount", fresh: () => ({ kind: "offer", offer: "", title: "{{ offer.name }}", text: "", button: "", without: "" }) },
  { group: "Made for each person", kind: "feed", title: "Data feed", hint: "words from an endpoint of yours", icon: "rss", fresh: () => ({ kind: "feed", feed: "", text: "", without: "" }) },
  { group: "Layout", kind: "columns", title: "Columns", hint: "two to four, side by side", icon: "columns-2", fresh: () => ({ kind: "columns", columns: [[], []] }) },
  { group: "Layout", kind: "divider", title: "Divider", hint: "a thin line", icon: "separator-horizontal", fresh: () => ({ kind: "divider" }) },
  { group: "Layout", kind: "spacer", title: "Space", hint: "room between two blocks", icon: "spacing-vertical", fresh: () => ({ kind: "spacer", height_px: 24 }) },
  { group: "Layout", kind: "module", title: "Module", hint: "saved blocks, used in many mails", icon: "puzzle", fresh: () => ({ kind: "module", module: null }) },
  { group: "Layout", kind: "footer", title: "Footer", hint: "who writes, and the link to unsubscribe", icon: "layout-bottombar", fresh: () => ({ kind: "footer", text: "" }) },
  { group: "Code", kind: "mjml", title: "MJML", hint: "sections in the language of mails", icon: "code", fresh: () => ({ kind: "mjml", source: "<mj-section>\n  <mj-column>\n    <mj-text></mj-text>\n  </mj-column>\n</mj-section>" }) },
  { group: "Code", kind: "html", title: "HTML", hint: "markup of your own", icon: "html", fresh: () => ({ kind: "html", source: "" }) },
];

const TITLES = Object.fromEntries(MENU.filter(({ kind }) => kind !== "products").map(({ kind, title, icon }) => [kind, { title, icon }]));

// What a block is, as {title, icon}; a kind that this page does not know is kept as it is.
export function kindOf(block) {
  if (block.kind !== "products") return TITLES[block.kind] ?? { title: `“${block.kind}”`, icon: "question-mark" };
  const icons = { viewed: "eye", recommended: "sparkles", cart: "shopping-cart", last_purchase: "shopping-bag", feed: "rss" };
  return { title: "Products", icon: icons[block.source?.kind] ?? "layout-grid" };
}

// The first words of it; `choices` has the names of offers, feeds and modules.
export function wordsOf(block, choices) {
  if (block.label) return plain(block.label);
  const named = (list, key) => choices[list]?.find((one) => String(one.key) === String(key))?.name;
  const words = {
    text: () => plain(block.text), footer: () => plain(block.text), heading: () => plain(elseOf(block.text)), button: () => plain(elseOf(block.text)),
    image: () => plain(block.alt) || plain(elseOf(block.src)).split("/").at(-1),
    spacer: () => `${block.height_px} px`, divider: () => "",
    products: () => (block.source?.kind === "category" ? block.source.category || SOURCES.category : SOURCES[block.source?.kind]) ?? "",
    offer: () => named("offers", elseOf(block.offer)) ?? plain(elseOf(block.offer)), feed: () => named("feeds", block.feed) ?? plain(block.feed),
    module: () => named("modules", block.module) ?? "", columns: () => `${block.columns?.length ?? 0} side by side`,
    mjml: () => plain(String(block.source).replace(/<[^>]*>/g, " ")), html: () => plain(String(block.source).replace(/<[^>]*>/g, " ")),
  }[block.kind]?.() ?? "";
  return words.slice(0, 90);
}
