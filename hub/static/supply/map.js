// The supply map: what is asked for (asked.js) decides what is drawn, told and listed. One way round:
// every control changes `asked`, `render` shows it. Parts: chain (data), scene (drawing), heads,
// legend, find, picks, panel, table, picture.
import { address, narrowed, read } from "./map/asked.js";
import { Chain } from "./map/chain.js";
import { find } from "./map/find.js";
import { Heads } from "./map/heads.js";
import { legend, lines } from "./map/legend.js";
import { FONT } from "./map/look.js";
import { Panel } from "./map/panel.js";
import { picture, save } from "./map/picture.js";
import { Picks } from "./map/picks.js";
import { Scene } from "./map/scene.js";
import { Table, byNumber } from "./map/table.js";

const $ = (id) => document.getElementById(id);
const box = $("chain");
const words = JSON.parse($("chain-words").textContent);
const number = (count) => count.toLocaleString("ko-KR");
const fill = (text, some, other = "") => text.replace("#", some).replace("@", other);

class SupplyMap {
  constructor(chain) {
    this.chain = chain;
    this.leadId = document.querySelector("#chain-asked [name=lead]").value;
    this.names = new Set(["tier", "standing", ...chain.measures.map((each) => each.name)]);
    this.asked = read(this.names);
    this.picks = new Picks($("chain-asked"), () => this.change({ filters: this.picks.read(this.asked.filters), rest: this.picks.rest, page: 1 }));
    this.table = new Table($("firms"), (url) => { history.pushState(null, "", url); this.fromAddress(); $("firms-title").scrollIntoView(); });
    this.panel = new Panel($("chain-near"), box.dataset.near, {
      knows: (id) => chain.at.has(id),
      choose: (id) => this.choose(id, { move: true, focus: true }),
      near: (steps) => this.change({ steps, way: false }, { move: true }),
      way: () => this.change({ way: !this.asked.way }, { move: true }),
      close: () => this.change({ firm: null, way: false, steps: 1 }),
    });
    this.heads = new Heads(document.querySelector(".chain-tiers"), box, words);
    this.listed = this.wanted;
    this.found = { first: this.first, fit: this.table.fit };
    this.now = this.#now();
    this.controls();
    box.replaceChildren();
    box.removeAttribute("aria-busy");
    this.scene = this.draw();
    this.render({ move: Boolean(this.asked.firm) });
  }

  draw() {
    try {
      const scene = new Scene(box, this.chain, words, this.now);
      scene.on("firm", ({ firm, group }) => (firm === undefined ? this.group(group) : this.choose(this.chain.firms.id[firm])));
      scene.on("stage", () => { if (this.asked.firm) this.change({ firm: null, way: false, steps: 1 }); else this.panel.glance(); });
      scene.on("afterRender", () => this.heads.place(scene));
      scene.on("glide", () => this.heads.place(scene));
      let waits = 0;
      new ResizeObserver(() => {
        clearTimeout(waits);
        waits = setTimeout(() => scene.resize(), 150); // once, after the last of many
      }).observe(box);
      return scene;
    } catch (error) {
      console.warn(error);
      without(words.noDrawing);
      return null;
    }
  }

  controls() {
    const select = $("chain-measure");
    select.replaceChildren(...this.chain.measures.map((each) => new Option(each.title, each.name)));
    select.addEventListener("change", () => this.change({ by: select.value }));
    for (const list of [$("chain-legend"), $("chain-lines")]) {
      list.addEventListener("click", (event) => {
        const key = event.target.closest("[data-filter]");
        if (key) this.toggle(key.dataset.filter, key.dataset.code);
      });
    }
    $("chain-reset").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.change({ q: "", filters: new Map(), by: "", firm: null, steps: 1, way: false, rest: false, page: 1 });
      this.scene?.zoom("all");
    });
    document.querySelector(".chain-tools").addEventListener("click", (event) => {
      const { zoom, picture: kind } = event.target.closest("button")?.dataset || {};
      if (zoom) this.scene?.zoom(zoom);
      if (kind === "png") save(this.picture(), this.fileName());
      if (kind === "print") print();
    });
    $("firms").addEventListener("click", (event) => {
      const seen = event.target.closest("[data-see]");
      if (!seen) return;
      this.choose(Number(seen.dataset.see), { move: true, focus: true });
      document.querySelector(".chain-split").scrollIntoView({ block: "nearest" });
    });
    find({
      input: $("chain-q"), list: $("chain-names"), chain: this.chain, words,
      tierWord: (tier) => (tier ? words.tier.replace("#", tier) : words.own),
      choose: (firm) => this.choose(this.chain.firms.id[firm], { move: true }),
      narrow: (q) => this.change({ q, page: 1 }),
      byNumber: async (digits) => (await byNumber(address({ q: digits, filters: new Map() }, this.leadId)))
        .map((id) => this.chain.at.get(id)).filter((firm) => firm !== undefined),
    });
    addEventListener("popstate", () => this.fromAddress());
    addEventListener("beforeprint", () => this.toPaper());
    addEventListener("afterprint", () => $("chain-print").replaceChildren());
  }

  change(some, how = {}) {
    this.asked = { ...this.asked, ...some };
    const to = address(this.asked, this.leadId);
    if (to !== location.pathname + location.search) history.pushState(null, "", to);
    this.render(how);
  }

  fromAddress() {
    this.asked = read(this.names);
    this.render({ move: Boolean(this.asked.firm) });
  }

  toggle(name, code) {
    const filters = new Map(this.asked.filters);
    const codes = new Set(filters.get(name));
    if (!codes.delete(code)) codes.add(code);
    if (codes.size) filters.set(name, codes);
    else filters.delete(name);
    this.change({ filters, page: 1 });
  }

  choose(id, how = {}) {
    this.change({ firm: id, way: false, steps: 1 }, how);
  }

  group(index) {
    if (this.asked.firm) this.change({ firm: null, way: false, steps: 1 });
    this.panel.group(this.chain.groups.label[index], words.crowdWhy, words.crowdRead);
  }

  // Everything that the drawing needs to know.
  #now() {
    const { chain, asked } = this;
    const measure = this.measure;
    const chosen = chain.at.get(asked.firm);
    const near = chosen === undefined ? null : asked.way ? chain.ways(chosen) : chain.near(chosen, asked.steps);
    return {
      looks: chain.looks(measure.name), fits: this.#fits(), near, chosen, way: asked.way, rest: asked.rest,
      narrowed: narrowed(asked), bits: chain.bits(asked.filters.get("standing") || new Set()),
    };
  }

  // What the table is asked for: filters and page, not a choice on the map.
  get wanted() { return address({ ...this.asked, firm: null, by: "", rest: false }, this.leadId); }

  get first() { return address({ ...this.asked, firm: null, by: "", rest: false, page: 1 }, this.leadId); }

  // The hub's own word on what fits a text, once it is there; until then names are compared here.
  #fits() {
    const { chain, asked, found } = this;
    if (asked.q && found.fit && found.first === this.first) return Uint8Array.from(chain.firms.id, (id) => (found.fit.has(id) ? 1 : 0));
    return chain.fitting(asked);
  }

  get measure() { return this.chain.measure(this.asked.by) || this.chain.measures[0]; }

  render({ move = false, focus = false } = {}) {
    const { chain, asked } = this;
    const now = this.now = this.#now();
    $("chain-measure").value = this.measure.name;
    if (document.activeElement !== $("chain-q") || asked.q) $("chain-q").value = asked.q;
    this.picks.tell(asked);
    this.rows = chain.tiers(now.fits);
    this.heads.tell(this.rows, now.narrowed);
    legend($("chain-legend"), chain, this.measure, now, asked, words);
    lines($("chain-lines"), chain, asked, words);
    if (now.chosen !== undefined) this.panel.firm(asked.firm, chain.firms.name[now.chosen], asked, focus);
    else this.panel.glance();
    this.scene?.show(now);
    if (move && now.near) this.scene?.frame(now.near.firms);
    $("chain-count").textContent = this.count();
    this.list();
  }

  count() {
    const { now } = this;
    const fit = now.fits.reduce((sum, each) => sum + each, 0);
    const all = this.chain.count;
    const some = now.narrowed ? fill(words.fit, number(fit), number(all)) : fill(words.allFit, number(all));
    const near = now.near ? ` ${fill(this.asked.way ? words.onWay : words.chosen, number(now.near.firms.size - 1), this.chain.firms.name[now.chosen])}` : "";
    return some + near;
  }

  async list() {
    const { wanted } = this;
    if (wanted === this.listed) return;
    this.listed = wanted;
    if (!await this.table.renew(wanted) || !this.asked.q) return;
    const { fit } = this.table;
    if (!fit || fit.size === this.now.fits.reduce((sum, each) => sum + each, 0)) return;
    this.found = { first: this.first, fit };
    this.render();
  }

  filterWords() {
    const said = [];
    if (this.asked.q) said.push(`“${this.asked.q}”`);
    for (const [name, codes] of this.asked.filters) {
      const [title, label] = this.wordsOf(name);
      const labels = [...codes].map(label).filter(Boolean);
      if (labels.length) said.push(`${title}: ${labels.join(", ")}`);
    }
    return said.join(" · ");
  }

  wordsOf(name) {
    if (name === "standing") return [words.lines, (code) => this.chain.standings.find((each) => each.code === code)?.label];
    if (name === "tier") return [words.tier.replace("#", "").trim(), (code) => words.tier.replace("#", code)];
    const measure = this.chain.measure(name);
    return [measure.title, (code) => measure.classes.find((each) => (each.code || "-") === code)?.label];
  }

  said() {
    const { chain, now } = this;
    const day = new Intl.DateTimeFormat(words.locale === "ko" ? "ko-KR" : "en-GB", { dateStyle: "long" }).format(new Date());
    const all = [
      day,
      now.narrowed ? fill(words.fit, number(now.fits.reduce((sum, each) => sum + each, 0)), number(chain.count)) : words.firms.replace("#", number(chain.count)),
      words.links.replace("#", number(chain.links.supplier.length)),
    ];
    const narrow = this.filterWords();
    const about = now.near ? fill(this.asked.way ? words.ways : words.near, "", chain.firms.name[now.chosen]) : "";
    const second = [narrow && words.filtered.replace("@", narrow), about].filter(Boolean).join(" · ");
    return { title: `${words.title} · ${words.lead}`, lines: [all.join(" · "), second].filter(Boolean), rows: this.rows };
  }

  picture() { return picture(this.chain, words, this.now, this.measure, this.said()); }

  fileName() { return `supply-map-${new Date().toLocaleDateString("sv-SE")}.png`; }

  toPaper() {
    if (!this.scene) return;
    const image = new Image();
    image.alt = "";
    image.src = this.picture().toDataURL("image/png");
    $("chain-print").replaceChildren(image);
  }
}

// The drawing is left out, in a plain sentence; filters, search and table stay.
function without(text) {
  box.classList.add("failed");
  box.setAttribute("role", "note");
  box.removeAttribute("aria-label");
  box.textContent = text;
  for (const each of document.querySelectorAll(".chain-zoom, .chain-tiers")) each.hidden = true;
}

async function start() {
  const [answer] = await Promise.all([
    fetch(box.dataset.source, { headers: { Accept: "application/json" } }),
    document.fonts.load(`13px ${FONT}`, "가나다"), // letters are drawn once, and kept
  ]);
  if (!answer.ok) throw new Error(String(answer.status));
  const sent = await answer.json();
  if (sent.too_large) { without(sent.text); return; }
  const chain = new Chain(sent);
  box.map = new SupplyMap(chain); // how tests and a curious person reach it
  box.dataset.ready = "yes";
}

start().catch((error) => { console.error(error); box.removeAttribute("aria-busy"); without(words.failed); });
