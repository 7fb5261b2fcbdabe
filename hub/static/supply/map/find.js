// The search box: suggestions while typing, by mouse or by keyboard (the combobox pattern of WAI-ARIA).
const dashes = (text) => text.replace(/[\s-]/g, "");

export function find({ input, list, chain, words, tierWord, choose, narrow, byNumber }) {
  let options = [], active = -1, asking = 0;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (index) => {
    active = (index + options.length) % options.length;
    options.forEach((each, place) => each.setAttribute("aria-selected", String(place === active)));
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  };
  const option = (text, small, act) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.textContent = text;
    if (small) { const more = document.createElement("small"); more.textContent = small; item.append(" ", more); }
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => { close(); act(); });
    return item;
  };
  const offer = (firms, total) => {
    const found = firms.map((firm) => option(chain.firms.name[firm], tierWord(chain.firms.tier[firm]), () => {
      input.value = "";
      choose(firm);
    }));
    const text = input.value.trim();
    if (total > 1) found.push(option(words.showFound.replace("#", total.toLocaleString("ko-KR")).replace("@", text), "", () => narrow(text)));
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.textContent = words.nobody;
      options = [];
      list.replaceChildren(none);
    } else {
      options = found;
      options.forEach((each, index) => { each.id = `chain-name-${index}`; });
      list.replaceChildren(...options);
    }
    active = -1;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const suggest = async () => {
    const text = input.value.trim();
    asking += 1;
    if (!text) { close(); return; }
    const { firms, total } = chain.search(text);
    if (total || !/^\d{4,10}$/.test(dashes(text))) { offer(firms, total); return; }
    const mine = asking;
    const numbered = await byNumber(dashes(text)); // numbers stay at the hub until they are asked for
    if (mine === asking) offer(numbered.slice(0, 8), numbered.length > 8 ? numbered.length : 0);
  };

  input.addEventListener("input", suggest);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) suggest();
      else if (options.length) point(active + (event.key === "ArrowDown" ? 1 : -1) + (active < 0 && event.key === "ArrowUp" ? 1 : 0));
      return;
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    const text = input.value.trim();
    if (!list.hidden && active >= 0) options[active].click();
    else if (!list.hidden && options.length === 1) options[0].click();
    else { close(); narrow(text); }
  });
}
