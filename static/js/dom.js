// Small helpers to build a page's parts without markup in strings.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// A label that is seen by screen readers only, around its control.
export function labelled(text, control) {
  return h("label", { className: "rule-field" }, h("span", { className: "visually-hidden" }, text), control);
}

export function select(label, options, value, onchange) {
  const known = options.some(([key]) => String(key) === String(value));
  const shown = known || value === "" ? options : [...options, [value, `${value} (unknown)`]];
  const control = h("select", { className: "form-select", onchange: () => onchange(control.value) });
  for (const [key, words] of shown) control.append(h("option", { value: key, selected: String(key) === String(value) }, words));
  return labelled(label, control);
}

export function input(label, value, onchange, properties = {}) {
  const control = h("input", { className: "form-control", value: value ?? "", oninput: () => onchange(control.value), ...properties });
  return labelled(label, control);
}

export function button(text, label, onclick, className = "btn btn-sm btn-ghost") {
  return h("button", { type: "button", className, onclick, ...(label ? { ariaLabel: label, title: label } : {}) }, text);
}
