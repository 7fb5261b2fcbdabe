// The panel beside the drawing: what the hub tells of the chosen firm, or of a group without names.
export class Panel {
  constructor(place, near, act) {
    this.place = place;
    this.address = near;
    this.first = place.innerHTML;
    this.shown = null;
    place.addEventListener("click", (event) => {
      const asked = event.target.closest("a[data-firm], [data-steps], [data-way], [data-close]");
      if (!asked || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const { firm, steps, way } = asked.dataset;
      if (firm && !act.knows(Number(firm))) return; // a customer has no place on the map: its page opens
      event.preventDefault();
      if (firm) act.choose(Number(firm));
      else if (steps) act.near(Number(steps));
      else if (way) act.way();
      else act.close();
    });
  }

  glance() {
    if (this.shown === null) return;
    this.shown = null;
    this.place.innerHTML = this.first;
  }

  group(text, why, link) {
    this.shown = text;
    const line = document.createElement("p");
    line.textContent = why;
    const more = document.createElement("a");
    more.href = "#unnamed";
    more.textContent = link;
    const last = document.createElement("p");
    last.append(more);
    this.#head(text, line, last);
  }

  #head(text, ...more) {
    const head = document.createElement("h2");
    head.className = "near-name";
    head.textContent = text;
    this.place.replaceChildren(head, ...more);
  }

  async firm(id, name, asked, focus) {
    const address = this.address.replace("/0/", `/${id}/`);
    if (this.shown !== address) {
      this.shown = address;
      this.#head(name);
      this.place.setAttribute("aria-busy", "true");
      const answer = await fetch(address).catch(() => null);
      if (this.shown !== address) return;
      this.place.removeAttribute("aria-busy");
      if (answer?.ok) { this.place.innerHTML = await answer.text(); this.place.scrollTop = 0; }
    }
    this.press(asked);
    if (focus) this.place.focus({ preventScroll: true });
  }

  press(asked) {
    for (const each of this.place.querySelectorAll("[data-steps], [data-way]")) {
      const on = each.dataset.way ? asked.way : !asked.way && Number(each.dataset.steps) === asked.steps;
      each.setAttribute("aria-pressed", String(on));
    }
  }
}
