// The menus of filters: boxes to tick, kept in step with the address.
export class Picks {
  constructor(form, changed) {
    this.form = form;
    this.menus = [...form.querySelectorAll("details.pick")];
    form.addEventListener("submit", (event) => {
        // a button that leads elsewhere (a rollout for these firms) takes the choice with it
        if (!event.submitter?.hasAttribute("formaction")) event.preventDefault();
    });
    for (const each of form.elements) if (each.type === "checkbox") each.addEventListener("change", changed);
    // One menu is open at a time; Escape and a click elsewhere close it.
    for (const menu of this.menus) {
      menu.addEventListener("toggle", () => {
        if (menu.open) for (const other of this.menus) if (other !== menu) other.open = false;
      });
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !menu.open) return;
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
    document.addEventListener("click", (event) => {
      for (const menu of this.menus) if (!menu.contains(event.target)) menu.open = false;
    });
  }

  get names() { return this.menus.map((menu) => menu.dataset.filter); }

  // What is ticked, over the filters that have no menu of their own.
  read(filters) {
    const kept = new Map([...filters].filter(([name]) => !this.names.includes(name)));
    for (const menu of this.menus) {
      const codes = [...menu.querySelectorAll("input:checked")].map((each) => each.value);
      if (codes.length) kept.set(menu.dataset.filter, new Set(codes));
    }
    return kept;
  }

  get rest() { return this.form.elements.rest.checked; }

  tell(asked) {
    for (const menu of this.menus) {
      const codes = asked.filters.get(menu.dataset.filter);
      const words = [];
      for (const each of menu.querySelectorAll("input")) {
        each.checked = Boolean(codes?.has(each.value));
        if (each.checked) words.push(each.parentNode.querySelector(".pick-word").textContent);
      }
      const said = menu.querySelector(".pick-said");
      said.textContent = words.join(", ") || said.dataset.all;
      menu.classList.toggle("on", words.length > 0);
    }
    this.form.elements.rest.checked = asked.rest;
  }
}
