// How each mark looks now: values on the nodes of the drawing, so that moving the map or pointing at
// one firm computes nothing for the others.
import { CROWD, FONT, PALE } from "./look.js";

const NONE = "rgba(0, 0, 0, 0)";
const VEIL = "rgba(255, 255, 255, 0.88)"; // behind names

const of = (attribute) => ({ attribute });

export const STYLES = [
  {
    x: of("x"), y: of("y"), size: of("size"), color: of("color"), shape: of("shape"), visibility: of("seen"),
    depth: of("depth"), label: of("label"), labelPosition: of("side"), labelVisibility: of("naming"),
    labelSize: of("letters"), labelBackgroundColor: of("veil"), labelBackgroundPadding: 2,
    labelColor: "#1e2124", labelFont: FONT, cursor: "pointer",
  },
  {
    whenState: "isHovered",
    then: {
      label: of("name"), labelPosition: of("aside"), labelVisibility: "visible", labelSize: 13,
      labelBackgroundColor: VEIL, depth: "topNodes",
    },
  },
];

export class Marks {
  constructor(chain, where, width) {
    this.chain = chain;
    this.where = where;
    this.small = Math.min(1, Math.max(0.65, width / 800)); // smaller marks on a phone
    this.narrow = width <= 600;
  }

  // Values for one mark, given what is shown.
  look(node, now) {
    Object.assign(node, node.group === undefined ? this.#firm(node.firm, now) : this.#group(node.group, now));
  }

  // A firm is one of three: in the picture, pale, or away. Neighbours have their names where they
  // are few; else as far as there is room.
  #firm(firm, { fits, near, chosen, looks, rest }) {
    const isChosen = firm === chosen, isNear = Boolean(near?.firms.has(firm));
    const pale = !isChosen && (!fits[firm] || Boolean(near && !isNear));
    const size = this.small * this.where.size[firm];
    const named = isChosen || (isNear && near.firms.size <= 24);
    const aside = this.#side(firm, this.chain.firms.tier[firm]);
    return {
      size: isChosen ? Math.max(9, size * 1.5) : isNear ? Math.max(4.5, size) : pale ? size * 0.75 : size,
      color: pale ? PALE : looks[firm].color,
      shape: looks[firm].shape,
      seen: rest && !fits[firm] && !isChosen ? "hidden" : "visible",
      depth: isChosen || isNear ? "topNodes" : "nodes",
      label: pale ? "" : this.chain.firms.name[firm],
      name: this.chain.firms.name[firm],
      side: aside, aside,
      naming: named ? "visible" : "auto",
      letters: 13, veil: VEIL,
    };
  }

  #group(group, { narrowed, near }) {
    return {
      size: this.small * this.where.groups[group].size,
      color: narrowed || near ? PALE : CROWD,
      shape: "circle", seen: "visible", depth: "nodes",
      label: this.#count(group), name: this.chain.groups.label[group],
      side: "over", aside: this.#side(-1, this.chain.groups.tier[group]),
      naming: "visible", letters: 11, veil: NONE,
    };
  }

  #side(firm, tier) {
    if (firm === this.chain.lead) return this.narrow ? "right" : "below";
    return tier === this.chain.last && tier > 1 ? "left" : "right";
  }

  // How many firms a group holds, where its mark is large enough to say it.
  #count(group) {
    const firms = this.chain.groups.firms[group];
    return this.small * this.where.groups[group].size < 7 ? "" : firms === null ? "<3" : String(firms);
  }
}
