// What colours, shapes and lines mean. Each entry is a button: it shows only what it stands for.
import { CROWD, line, mark } from "./look.js";

function entry(drawing, text, count, { name, code, pressed } = {}) {
  const item = document.createElement("li");
  const inside = document.createElement(name ? "button" : "span");
  if (name) {
    inside.type = "button";
    inside.dataset.filter = name;
    inside.dataset.code = code;
    inside.setAttribute("aria-pressed", String(pressed));
  }
  inside.className = "key";
  inside.innerHTML = drawing;
  const label = document.createElement("span");
  label.textContent = text;
  inside.append(label);
  if (count !== null) {
    const number = document.createElement("span");
    number.className = "firms";
    number.textContent = count.toLocaleString("ko-KR");
    inside.append(number);
  }
  item.append(inside);
  return item;
}

// How often each class of a measure occurs among the firms that fit.
export function counts(chain, measure, fits) {
  const unknown = measure.classes.findIndex((each) => each.code === "");
  const found = measure.classes.map(() => 0);
  chain.firms[measure.name].forEach((index, firm) => { found[index ?? unknown] += fits[firm]; });
  return found;
}

export function legend(list, chain, measure, now, asked, words) {
  const pressed = asked.filters.get(measure.name);
  // What a class would add is told, too: its own filter does not count here.
  const others = new Map([...asked.filters].filter(([name]) => name !== measure.name));
  const found = counts(chain, measure, pressed && !asked.q ? chain.fitting({ q: "", filters: others }) : now.fits);
  const items = measure.classes.map((each, index) => entry(mark(each.shape, each.color), each.label, found[index], {
    name: measure.name, code: each.code || "-", pressed: Boolean(pressed?.has(each.code || "-")),
  }));
  if (chain.groups.tier.length) items.push(entry(mark("circle", CROWD), words.crowd, null));
  refill(list, items);
}

export function lines(list, chain, asked, words) {
  const found = chain.standings.map(() => 0);
  for (const standing of chain.links.standing) found[standing] += 1;
  const pressed = asked.filters.get("standing");
  const head = document.createElement("li");
  head.className = "key-head";
  head.textContent = words.lines;
  refill(list, [head, ...chain.standings.flatMap((each, index) => (found[index]
    ? [entry(line(each.code), each.label, found[index], { name: "standing", code: each.code, pressed: Boolean(pressed?.has(each.code)) })]
    : []))]);
}

// The entry that had the focus keeps it.
function refill(list, items) {
  const held = list.contains(document.activeElement) ? document.activeElement.dataset : null;
  list.replaceChildren(...items);
  if (held) list.querySelector(`[data-filter="${held.filter}"][data-code="${CSS.escape(held.code)}"]`)?.focus();
}
