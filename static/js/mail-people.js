// As whom the mail is looked at: a person found by name, the next and the previous of the audience, or one who gets a
// certain branch.
import { combobox } from "./rule-combobox.js";
import { get, post } from "./mail-post.js";

const named = (person) => person.name || person.email || "Somebody without a name";

export class People {
  // `onchange(person)`: {uuid, name, email}.
  constructor(host, { urls, onchange, say }) {
    Object.assign(this, { host, urls, onchange, say });
    this.person = null;
    const field = combobox({
      label: "Preview as", field: "person", value: "", placeholder: "a person …", className: "me-person",
      suggest: (text) => this.suggest(text), ontype: () => {}, onpick: (one) => this.choose(one.person),
    });
    this.input = field.querySelector("input");
    this.input.dataset.key = "person";
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.show(this.person));
    host.querySelector("[data-person]").replaceChildren(field);
    for (const [way, button] of [["before", host.querySelector("[data-previous]")], ["after", host.querySelector("[data-next]")]]) button.addEventListener("click", () => this.step(way));
  }

  async asked(query) {
    try {
      const { status, answer } = await get(`${this.urls.people}?${new URLSearchParams(query)}`);
      return status === 200 ? answer.people : [];
    } catch {
      return [];
    }
  }

  async suggest(text) {
    const isOwn = this.person && text === named(this.person);
    return (await this.asked({ q: isOwn ? "" : text })).map((person) => ({ value: person.uuid, label: named(person), text: named(person), note: person.name ? person.email : "", person }));
  }

  async step(way) {
    if (this.isStepping) return;
    this.isStepping = true;
    const people = await this.asked(this.person ? { [way]: this.person.uuid } : {});
    this.isStepping = false;
    if (people[0]) this.choose(people[0]);
    else this.say(way === "after" ? "That was the last one." : "That was the first one.");
  }

  // Somebody who gets a branch; null where nobody does, undefined where it could not be asked.
  async forBranch({ content, split, branch, not }) {
    const asked = { content, split, branch, ...(not ? { not_person: not } : {}) };
    try {
      const { status, answer } = await post(this.urls.forBranch, asked);
      if (status === 200) return answer.people[0] ?? null;
      this.say(answer.message ?? "Nobody can be found while the mail has mistakes.");
    } catch {
      this.say("The server cannot be reached now.");
    }
    return undefined;
  }

  choose(person) {
    this.show(person);
    this.onchange(person);
  }

  // Without telling: what the preview answered with.
  show(person) {
    this.person = person;
    if (document.activeElement !== this.input || !this.input.value) this.input.value = person ? named(person) : "";
  }
}
