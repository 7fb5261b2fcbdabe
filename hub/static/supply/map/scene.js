// The drawing itself: Sigma.js over a graph of the chain. It is told what to show (`show`), and
// says what was clicked; what is chosen and why is decided elsewhere.
/* global graphology, Sigma */
import { CHOSEN, CROWD, LINES, PALE, WAY, rgba } from "./look.js";
import { places } from "./places.js";

const NONE = "rgba(0, 0, 0, 0)";
const MANY = 4000; // links: more are hidden while the map moves, and drawn fainter
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

const group = (index) => `g${index}`;

function graphOf(chain, where) {
  const { supplier, buyer, standing } = chain.links;
  const nodes = Array.from({ length: chain.count }, (_, firm) => ({
    key: String(firm),
    attributes: { firm, x: where.x[firm], y: where.y[firm], label: chain.firms.name[firm] },
  }));
  chain.groups.tier.forEach((tier, index) => nodes.push({
    key: group(index),
    attributes: { group: index, x: where.groups[index].x, y: where.groups[index].y, label: chain.groups.label[index] },
  }));
  const edges = supplier.map((from, link) => ({
    key: String(link), source: String(from), target: String(buyer[link]),
    attributes: { link, standing: chain.standings[standing[link]].code },
  }));
  return graphology.DirectedGraph.from({ nodes, edges });
}

const primitives = () => {
  const { sdfCircle, sdfSquare, sdfTriangle, sdfDiamond, sdfRectangle, layerFill, layerPlain, layerDashed } = Sigma.rendering;
  return {
    nodes: {
      shapes: [sdfCircle(), sdfSquare(), sdfTriangle(), sdfDiamond(), sdfRectangle({ aspectRatio: 1.9 })],
      layers: [layerFill()],
    },
    edges: {
      variables: {
        whole: { type: "color", default: NONE },
        dash: { type: "number", default: 8 },
        gap: { type: "number", default: 0 },
      },
      layers: [
        layerPlain({ color: { attribute: "whole" } }),
        layerDashed({ dashSize: { attribute: "dash", mode: "pixels" }, gapSize: { attribute: "gap", mode: "pixels" } }),
      ],
    },
    depthLayers: ["edges", "nodes", "topEdges", "topNodes"],
  };
};

export class Scene {
  constructor(box, chain, words, now) {
    this.box = box;
    this.chain = chain;
    this.now = now; // what is shown: looks, fits, near, chosen, way, rest, bits
    this.where = places(chain, box.clientWidth, box.clientHeight);
    this.graph = graphOf(chain, this.where);
    this.many = chain.links.supplier.length > MANY;
    this.faint = Math.min(0.55, Math.max(0.025, 750 / Math.max(1, chain.links.supplier.length)));
    this.small = Math.min(1, Math.max(0.65, box.clientWidth / 800)); // smaller marks on a phone
    this.renderer = new Sigma.Sigma(this.graph, box, {
      primitives: primitives(),
      styles: { nodes: this.#nodeStyles(), edges: this.#edgeStyles() },
      settings: {
        gestureTarget: "shared",
        sharedGestureWheelMessage: words.wheel,
        sharedGestureAppleWheelMessage: words.wheel,
        sharedGestureTouchMessage: words.touch,
        itemSizesReference: "screen",
        zoomToSizeRatioFunction: (ratio) => ratio ** (chain.count > 1500 ? 0.85 : 0.5),
        allowInvalidContainer: true, // while the browser leaves the page
        autoRescale: "once",
        labelRenderedSizeThreshold: 5.2,
        labelGridCellSize: 150,
        stagePadding: 14,
        hideEdgesOnMove: this.many,
        minCameraRatio: 0.02,
        maxCameraRatio: 1.6,
        inertiaDuration: still ? 0 : 200,
        zoomDuration: still ? 0 : 150,
      },
    });
    this.renderer.setCustomBBox({ x: [0, this.where.wide], y: [0, 1] });
    this.renderer.refresh();
  }

  // A firm is one of three: in the picture, pale, or away.
  #pale(firm) {
    const { fits, near } = this.now;
    return !fits[firm] || Boolean(near && !near.firms.has(firm));
  }

  #isNear(firm) { return Boolean(this.now.near?.firms.has(firm)); }

  #nodeStyles() {
    const paleGroup = () => this.now.narrowed || this.now.near;
    const sizeOf = ({ firm, group: crowd }) => {
      if (crowd !== undefined) return this.small * this.where.groups[crowd].size;
      const size = this.small * this.where.size[firm];
      if (firm === this.now.chosen) return Math.max(9, size * 1.5);
      if (this.#isNear(firm)) return Math.max(4.5, size);
      return this.#pale(firm) ? size * 0.75 : size;
    };
    return [{
      x: { attribute: "x" }, y: { attribute: "y" },
      size: sizeOf,
      color: ({ firm, group: crowd }) => {
        if (crowd !== undefined) return paleGroup() ? PALE : CROWD;
        return this.#pale(firm) && firm !== this.now.chosen ? PALE : this.now.looks[firm].color;
      },
      shape: ({ firm }) => (firm === undefined ? "circle" : this.now.looks[firm].shape),
      visibility: ({ firm }) => (firm !== undefined && this.now.rest && !this.now.fits[firm] && firm !== this.now.chosen ? "hidden" : "visible"),
      label: ({ firm, group: crowd, label }, state) => {
        if (crowd !== undefined) return state.isHovered ? label : this.#count(crowd);
        return this.#pale(firm) && firm !== this.now.chosen && !state.isHovered ? "" : label;
      },
      labelPosition: ({ firm, group: crowd }, state) => {
        if (crowd !== undefined && !state.isHovered) return "over";
        const tier = firm === undefined ? this.chain.groups.tier[crowd] : this.chain.firms.tier[firm];
        if (firm === this.chain.lead) return "below";
        return tier === this.chain.last && this.chain.last > 1 ? "left" : "right";
      },
      labelColor: "#1e2124", labelSize: ({ group: crowd }, state) => (crowd === undefined || state.isHovered ? 13 : 11), cursor: "pointer",
      labelBackgroundColor: ({ group: crowd }, state) => (crowd === undefined || state.isHovered ? "rgba(255, 255, 255, 0.88)" : NONE), labelBackgroundPadding: 2,
      labelVisibility: ({ firm }, state) => (state.isHovered || firm === undefined || firm === this.now.chosen || this.#named(firm) ? "visible" : "auto"),
      depth: ({ firm }, state) => (state.isHovered || firm === this.now.chosen || this.#isNear(firm) ? "topNodes" : "nodes"),
    }];
  }

  // How many firms a group holds, where its mark is large enough to say it.
  #count(crowd) {
    const firms = this.chain.groups.firms[crowd];
    return this.small * this.where.groups[crowd].size < 7 ? "" : firms === null ? "<3" : String(firms);
  }

  // Neighbours have their names where they are few; else as far as there is room.
  #named(firm) { return this.#isNear(firm) && this.now.near.firms.size <= 24; }

  #edgeStyles() {
    const near = (link) => Boolean(this.now.near?.links.has(link));
    // What is contradicted asks for attention, also among many.
    const alpha = (standing) => {
      if (this.now.near) return 0.06;
      const base = this.now.narrowed ? Math.max(this.faint, this.many ? 0.2 : 0.6) : this.faint;
      return standing === "contradicted" ? Math.min(1, this.now.bits ? 0.9 : 1.7 * base) : base;
    };
    const color = ({ link, standing }) =>
      near(link) ? (this.now.way ? WAY : CHOSEN) : rgba(LINES[standing].rgb, alpha(standing));
    return [{
      color,
      whole: (each) => (each.standing === "confirmed" ? color(each) : NONE),
      dash: ({ standing }) => LINES[standing].dash,
      gap: ({ standing }) => LINES[standing].gap,
      size: ({ link, standing }) => (near(link) ? 1.8 : LINES[standing].size),
      depth: ({ link }) => (near(link) ? "topEdges" : "edges"),
      visibility: ({ link }) => (this.#hidden(link) && !near(link) ? "hidden" : "visible"),
    }];
  }

  #hidden(link) {
    const { supplier, buyer, standing } = this.chain.links;
    if (this.now.bits && !(this.now.bits & (1 << standing[link]))) return true;
    return this.now.narrowed && !(this.now.fits[supplier[link]] && (this.now.fits[buyer[link]] || this.now.bits));
  }

  show(now) {
    this.now = now;
    this.renderer.refresh({ skipIndexation: true });
  }

  on(name, tell) {
    if (name === "firm") this.renderer.on("clickNode", ({ node }) => tell(this.graph.getNodeAttributes(node)));
    else if (name === "stage") this.renderer.on("clickStage", tell);
    else this.renderer.on(name, tell);
  }

  // Where the middle of a column, and its width, are on the screen now.
  column(tier) {
    const at = (x) => this.renderer.graphToViewport({ x, y: 0 }).x;
    const [left, right] = [at(this.where.columns[tier].left), at(this.where.columns[tier].right)];
    return { left, right, middle: (left + right) / 2 };
  }

  #go(state) { return this.renderer.getCamera().animate(state, { duration: still ? 0 : 300 }); }

  zoom(asked) {
    const camera = this.renderer.getCamera();
    if (asked === "in") this.#go({ ratio: Math.max(0.02, camera.ratio / 1.6) });
    if (asked === "out") this.#go({ ratio: Math.min(1.6, camera.ratio * 1.6) });
    if (asked === "all") this.#go({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  // Moves the camera so that these firms fill the frame, and never closer than is readable.
  frame(firms) {
    const at = [...firms].map((firm) => this.renderer.getNodeDisplayData(String(firm))).filter(Boolean);
    if (!at.length) return;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y } of at) {
      left = Math.min(left, x); right = Math.max(right, x);
      low = Math.min(low, y); high = Math.max(high, y);
    }
    const ratio = Math.min(1, Math.max(0.12, 1.3 * Math.max((right - left) + 0.08, high - low)));
    this.#go({ x: (left + right) / 2, y: (low + high) / 2, ratio });
  }

  kill() { this.renderer.kill(); }
}
