// Asks the server for names and values that the data has; remembers what it heard for as long as the page is open.
const heard = new Map();

export class Lookup {
  constructor(url) {
    this.url = url;
  }

  // [{value, n, type, note, column}], the frequent ones first; nothing if the server does not answer.
  ask(kind, more = {}) {
    if (!this.url) return Promise.resolve([]);
    const query = new URLSearchParams({ kind, ...more });
    const key = query.toString();
    if (!heard.has(key)) {
      const answer = fetch(`${this.url}?${key}`, { headers: { "X-Requested-With": "fetch" } })
        .then((reply) => (reply.ok ? reply.json() : Promise.reject(new Error(String(reply.status)))))
        .then((found) => found.results)
        .catch(() => { heard.delete(key); return []; });
      heard.set(key, answer);
    }
    return heard.get(key);
  }

  // What is known already of a property's type; asks for it otherwise and says so when it has come.
  typeOf(event, reference, arrived) {
    if (reference.column) return ["item", "category", "brand", "date"].includes(reference.column) ? "text" : "number";
    if (!event || !reference.property) return "";
    const types = this.types?.get(event);
    if (types) return types.get(reference.property) ?? "";
    this.types ??= new Map();
    this.waiting ??= new Set();
    if (!this.waiting.has(event)) {
      this.waiting.add(event);
      this.ask("properties", { name: event }).then((found) => {
        this.types.set(event, new Map(found.filter((one) => !one.column).map((one) => [one.value, one.type])));
        arrived();
      });
    }
    return "";
  }
}
