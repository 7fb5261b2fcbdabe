// The chain as the hub sent it, by columns, and the questions that are asked of it. No drawing here.

// Letters and digits only, in one width and case: as the hub compares names.
export const plain = (text) => (text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]+/gu) || []).join("");

export class Chain {
  constructor({ lead, firms, links, words, titles = {}, circles = [], groups }) {
    this.firms = firms;
    this.links = links;
    this.count = firms.id.length;
    this.groups = groups || { label: [], x: [], y: [], tier: [], firms: [] };
    this.circles = circles;
    this.standings = words.standing;
    // Whatever words the hub sends beside a column of the same name can colour the map.
    this.measures = Object.keys(words)
      .filter((name) => name !== "standing" && Array.isArray(firms[name]))
      .map((name) => ({ name, title: titles[name] || name, classes: words[name] }));
    this.at = new Map(firms.id.map((id, index) => [id, index]));
    this.lead = lead; // by place, as in all columns
    this.last = Math.max(1, ...new Set(firms.tier), ...new Set(this.groups.tier));
    this.plain = firms.name.map(plain);
    [this.suppliersFrom, this.suppliersOf] = this.#sorted(links.buyer);
    [this.buyersFrom, this.buyersOf] = this.#sorted(links.supplier);
    this.delivers = new Uint8Array(this.count); // a bit for each standing
    links.supplier.forEach((firm, index) => { this.delivers[firm] |= 1 << links.standing[index]; });
  }

  // Links by one of their ends: where each firm's begin, and the links one after another.
  #sorted(ends) {
    const from = new Uint32Array(this.count + 1);
    for (const end of ends) from[end + 1] += 1;
    for (let index = 0; index < this.count; index += 1) from[index + 1] += from[index];
    const next = from.slice(), sorted = new Uint32Array(ends.length);
    ends.forEach((end, index) => { sorted[next[end]] = index; next[end] += 1; });
    return [from, sorted];
  }

  // A firm may deliver at several tiers; it is drawn at the nearest.
  tiersOf(firm) { return this.firms.also?.[firm] || [this.firms.tier[firm]]; }

  deliveriesTo(firm) { return this.suppliersOf.subarray(this.suppliersFrom[firm], this.suppliersFrom[firm + 1]); }

  deliveriesOf(firm) { return this.buyersOf.subarray(this.buyersFrom[firm], this.buyersFrom[firm + 1]); }

  measure(name) { return this.measures.find((each) => each.name === name); }

  looks(name) {
    const { classes } = this.measure(name);
    const unknown = classes.findIndex((each) => each.code === "");
    return this.firms[name].map((index) => classes[index ?? unknown]);
  }

  // Firms and links within so many deliveries of a firm, in either direction; never on through the
  // lead firm, where everybody meets.
  near(firm, steps) {
    const firms = new Set([firm]), links = new Set();
    let edge = [firm];
    for (let step = 0; step < steps && edge.length; step += 1) {
      const next = [];
      const reach = (link, other) => {
        links.add(link);
        if (!firms.has(other)) { firms.add(other); next.push(other); }
      };
      for (const each of edge) {
        if (each === this.lead && each !== firm) continue;
        for (const link of this.deliveriesTo(each)) reach(link, this.links.supplier[link]);
        for (const link of this.deliveriesOf(each)) reach(link, this.links.buyer[link]);
      }
      edge = next;
    }
    return { firms, links };
  }

  // All shortest ways from a firm to the lead firm: each delivery that leads one tier nearer.
  ways(firm) {
    const { tier } = this.firms;
    const firms = new Set([firm]), links = new Set();
    for (const each of firms) {
      for (const link of this.deliveriesOf(each)) {
        const buyer = this.links.buyer[link];
        if (tier[buyer] !== tier[each] - 1) continue;
        links.add(link);
        firms.add(buyer);
      }
    }
    return { firms, links };
  }

  // One byte a firm: does it fit what is asked for?
  fitting({ q, filters }) {
    const text = plain(q);
    const tests = [];
    if (text) tests.push((firm) => this.plain[firm].includes(text));
    for (const [name, codes] of filters) {
      const test = this.#test(name, codes);
      if (test) tests.push(test);
    }
    return Uint8Array.from({ length: this.count }, (_, firm) => (tests.every((test) => test(firm)) ? 1 : 0));
  }

  #test(name, codes) {
    if (name === "tier") return (firm) => this.tiersOf(firm).some((tier) => codes.has(String(tier)));
    if (name === "standing") {
      const bits = this.bits(codes);
      return bits ? (firm) => Boolean(this.delivers[firm] & bits) : null;
    }
    const measure = this.measure(name);
    if (!measure) return null;
    const wanted = new Set();
    measure.classes.forEach((each, index) => { if (codes.has(each.code || "-")) wanted.add(index); });
    if (!wanted.size) return null;
    const column = this.firms[name];
    const unknown = measure.classes.findIndex((each) => each.code === "");
    return (firm) => wanted.has(column[firm] ?? unknown);
  }

  bits(codes) {
    return this.standings.reduce((bits, each, index) => bits | (codes.has(each.code) ? 1 << index : 0), 0);
  }

  // Firms of each tier that fit, all with a name, and those without one (null: too few to tell).
  tiers(fits) {
    const rows = Array.from({ length: this.last + 1 }, () => ({ fit: 0, named: 0, unnamed: 0 }));
    this.firms.tier.forEach((tier, firm) => { rows[tier].named += 1; rows[tier].fit += fits[firm]; });
    this.groups.tier.forEach((tier, index) => {
      const firms = this.groups.firms[index];
      rows[tier].unnamed = firms === null || rows[tier].unnamed === null ? null : rows[tier].unnamed + firms;
    });
    return rows;
  }

  search(text, most = 8) {
    const asked = plain(text);
    if (!asked) return { firms: [], total: 0 };
    const found = [];
    for (let firm = 0; firm < this.count; firm += 1) if (this.plain[firm].includes(asked)) found.push(firm);
    const rank = (firm) => (this.plain[firm] === asked ? 0 : this.plain[firm].startsWith(asked) ? 1 : 2);
    found.sort((a, b) => rank(a) - rank(b) || a - b);
    return { firms: found.slice(0, most), total: found.length };
  }
}
