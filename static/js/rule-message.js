// The condition about our own mails: which one, and what became of it.
import { among, combobox } from "./rule-combobox.js";
import { pick } from "./rule-controls.js";
import { drawWindow } from "./rule-window.js";

const DID = [["sent", "were sent"], ["opened", "opened"], ["clicked", "clicked in"], ["bounced", "could not be reached by"], ["complained", "marked as spam"], ["unsubscribed", "unsubscribed in"]];
const DID_NOT = [["not_sent", "were not sent"], ["not_opened", "did not open"], ["not_clicked", "did not click in"], ["not_bounced", "were not missed by"], ["not_complained", "did not mark as spam"], ["not_unsubscribed", "did not unsubscribe in"]];
const ANY = "any mail of ours";

export function drawMessage(node, ctx) {
  return [
    pick({ label: "What they did with it", field: "op", options: [["They did", DID], ["They did not", DID_NOT]], value: node.op, onchange: (op) => ctx.redraw(() => { node.op = op; }) }),
    drawCampaign(node, ctx),
    ...drawWindow(node, ctx, { own: true }),
  ];
}

function drawCampaign(node, ctx) {
  const known = ctx.words.campaigns ?? [];
  const choose = (id) => {
    if (id) node.campaign = id;
    else delete node.campaign;
  };
  if (known.length <= 12) return pick({ label: "Campaign", field: "campaign", options: [["", ANY], ...known.map((one) => [one.id, one.name])], value: node.campaign ?? "", onchange: (id) => ctx.redraw(() => choose(Number(id) || null)) });
  const options = [{ value: null, label: ANY, text: ANY }, ...known.map((one) => ({ value: one.id, label: one.name, text: one.name, right: one.note }))];
  return combobox({
    label: "Campaign", field: "campaign", value: known.find((one) => one.id === node.campaign)?.name ?? ANY, className: "rb-wide", suggest: async (text) => among(options, text === ANY ? "" : text),
    ontype: (text) => ctx.set(() => choose(known.find((one) => one.name === text)?.id), "campaign"),
    onpick: (one) => ctx.redraw(() => choose(one.value)),
  });
}
