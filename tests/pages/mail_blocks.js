// What the modules of the mail editor make of small mails, by name of the case; run in a page by test_mail_editor.py.
async () => {
    const { splits, step, move, duplicate, remove, insertAfter, walk, target, setColumns } = await import("/static/js/mail-tree.js");
    const { firstChanged } = await import("/static/js/mail-doc.js");
    const { format } = await import("/static/js/mail-format.js");
    const block = (id, more = {}) => ({ id, kind: "text", text: id, ...more });
    const mail = () => ({ version: 2, subject: { cases: [{ when: 1, then: "" }], else: "" }, blocks: [
        block("a"), { id: "c", kind: "columns", columns: [[block("x")], [block("y")]] }, block("d", { when: 2, else: block("e", { when: 3, else: block("f") }) }), { id: "g", kind: "footer" }] });
    const form = (content) => { const said = (list) => list.map((one) => one.id + (one.columns ? `[${one.columns.map(said).join("|")}]` : "") + (one.else ? `>${said([one.else])}` : "")).join(" "); return said(content.blocks); };
    const after = (change) => { const made = mail(); const did = change(made); return did === false ? "no" : form(made); };
    const steps = (id, ways) => after((made) => ways.forEach((way) => step(made, id, way)));
    const ids = (content) => [...walk(content)].map(({ block }) => block.id);
    const copied = mail(); duplicate(copied, "d");
    const changed = mail(); changed.blocks[2].else.text = "other";
    const place = (where) => { const { id, field } = target(mail(), where); return `${id}:${field}`; };
    const marked = (kind, text, start, end) => { const made = format(kind, { text, start, end }); return `${made.text}@${made.start}-${made.end}`; };
    return {
        down: steps("a", ["down"]), through: steps("a", ["down", "down", "down", "down", "down"]), up: steps("d", ["up", "up"]), sideways: steps("x", ["right"]), noColumnsInside: steps("c", ["down", "down"]),
        into: after((made) => move(made, "a", "c/1", 0)), columnsInto: after((made) => move(made, "c", "c/0", 0)), elseAlone: after((made) => move(made, "e", "root", 0)),
        removedElse: after((made) => { remove(made, "e"); }), removedHead: after((made) => { remove(made, "d"); }), fewer: after((made) => { setColumns(made.blocks[1], 1); }), more: after((made) => { setColumns(made.blocks[1], 3); }),
        above: after((made) => insertAfter(made, block("n"), "")), beside: after((made) => insertAfter(made, block("n"), "y")), columnsBeside: after((made) => insertAfter(made, { id: "n", kind: "columns", columns: [[]] }, "y")),
        unique: new Set(ids(copied)).size === ids(copied).length && ids(copied).length === 11,
        splits: splits(mail()).map(({ key, rules }) => `${key}:${rules.length}`).join(" "), changed: [firstChanged(mail(), changed), firstChanged(mail(), mail()) ?? "none"].join(" "),
        places: [place("blocks.e.text"), place("blocks.d-inner.url"), place("subject.cases[0].when"), place("blocks.zz.text")].join(" "),
        bold: marked("bold", "a word", 2, 6), unbold: marked("bold", "a **word**", 4, 8), link: marked("link", "see it", 4, 6), list: marked("list", "one\ntwo", 0, 7), listed: marked("list", "- one\n- two", 0, 11), afterWords: marked("list", "so:\none", 4, 7),
    };
}
