// Above each column: the tier, how many firms fit, how many there are, how many have no name.
const number = (count) => count.toLocaleString("ko-KR");

export function saying(words, tier, row, narrowed) {
  if (!tier) return [words.own];
  const named = narrowed
    ? words.of.replace("#", number(row.fit)).replace("@", number(row.named))
    : words.firms.replace("#", number(row.named));
  const unnamed = row.unnamed === null ? words.fewUnnamed : row.unnamed ? words.unnamed.replace("#", number(row.unnamed)) : "";
  return [words.tier.replace("#", tier), row.named ? named : "", unnamed].filter(Boolean);
}

export class Heads {
  constructor(bar, box, words) {
    this.bar = bar;
    this.box = box;
    this.words = words;
    this.spans = [];
    this.stripes = [];
  }

  tell(rows, narrowed) {
    this.spans = rows.map((row, tier) => {
      const [name, ...counts] = saying(this.words, tier, row, narrowed);
      const span = document.createElement("span");
      const strong = document.createElement("strong");
      strong.textContent = name;
      span.append(strong);
      for (const count of counts) { const small = document.createElement("small"); small.textContent = count; span.append(small); }
      return span;
    });
    this.bar.replaceChildren(...this.spans);
    for (const stripe of this.stripes) stripe.remove();
    this.stripes = rows.map((_, tier) => {
      const stripe = document.createElement("div");
      stripe.className = tier % 2 ? "chain-stripe odd" : "chain-stripe";
      this.box.prepend(stripe);
      return stripe;
    });
  }

  place(scene) {
    const wide = this.box.clientWidth;
    this.spans.forEach((span, tier) => {
      const { left, right } = scene.column(tier);
      const [from, to] = [Math.max(0, left), Math.min(wide, right)];
      const seen = to - from > 24;
      span.hidden = !seen;
      this.stripes[tier].hidden = !seen;
      if (!seen) return;
      span.style.transform = `translateX(${from}px)`;
      span.style.width = `${to - from}px`;
      const [first, last] = [tier ? left : Math.min(0, left), tier === this.spans.length - 1 ? Math.max(wide, right) : right];
      this.stripes[tier].style.transform = `translateX(${first}px)`;
      this.stripes[tier].style.width = `${last - first}px`;
    });
  }
}
