// The drawing itself: Sigma.js over a graph of the chain. It is told what to show (`show`), and
// says what was clicked; what is chosen and why is decided elsewhere.
/* global graphology, Sigma */
import { CHOSEN_RGB, CROWD, LINES, PALE, WAY_RGB } from "./look.js";
import { places } from "./places.js";
import { rowsOf, threads } from "./threads.js";

const NONE = "rgba(0, 0, 0, 0)";
const MANY = 4000; // links: more are drawn without dashes, and only some of them while the map moves
const MOVING = 1500;
const QUIET = 140; // milliseconds without a move until all are drawn again
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

const group = (index) => `g${index}`;

function graphOf(chain, where) {
  const nodes = Array.from({ length: chain.count }, (_, firm) => ({
    key: String(firm),
    attributes: { firm, x: where.x[firm], y: where.y[firm], label: chain.firms.name[firm] },
  }));
  chain.groups.tier.forEach((tier, index) => nodes.push({
    key: group(index),
    attributes: { group: index, x: where.groups[index].x, y: where.groups[index].y, label: chain.groups.label[index] },
  }));
  return graphology.DirectedGraph.from({ nodes });
}

const primitives = () => {
  const { sdfCircle, sdfSquare, sdfTriangle, sdfDiamond, sdfRectangle, layerFill } = Sigma.rendering;
  return {
    nodes: {
      shapes: [sdfCircle(), sdfSquare(), sdfTriangle(), sdfDiamond(), sdfRectangle({ aspectRatio: 1.9 })],
      layers: [layerFill()],
    },
    depthLayers: ["edges", "nodes", "topEdges", "topNodes"],
  };
};

// The same order every time, but one in which any beginning is a fair sample of the whole.
function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let seed = 7;
  for (let index = count - 1; index > 0; index -= 1) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const other = seed % (index + 1);
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order;
}

export class Scene {
  constructor(box, chain, words, now) {
    this.box = box;
    this.chain = chain;
    this.now = now; // what is shown: looks, fits, near, chosen, way, rest, bits
    this.where = places(chain, box.clientWidth, box.clientHeight);
    this.graph = graphOf(chain, this.where);
    this.small = Math.min(1, Math.max(0.65, box.clientWidth / 800)); // smaller marks on a phone
    this.renderer = new Sigma.Sigma(this.graph, box, {
      primitives: primitives(),
      styles: { nodes: this.#nodeStyles() },
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
        minCameraRatio: 0.02,
        maxCameraRatio: 1.6,
        inertiaDuration: still ? 0 : 200,
        zoomDuration: still ? 0 : 150,
      },
    });
    this.renderer.setCustomBBox({ x: [0, this.where.wide], y: [0, 1] });
    this.renderer.refresh();
    this.order = shuffled(chain.links.supplier.length);
    this.ends = this.#ends();
    this.#draw();
    this.renderer.addCustomLayerProgram("lines", "edges", threads(() => ({ ...this.lines, count: this.moving ? Math.min(this.lines.count, MOVING) : this.lines.count })));
    this.renderer.addCustomLayerProgram("near", "topEdges", threads(() => this.nearLines));
    this.renderer.getCamera().on("updated", () => this.#moves());
  }

  // While the map moves, a part of many lines is drawn; all of them once it rests.
  #moves() {
    if (this.lines.count <= MANY) return;
    this.moving = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => { this.moving = false; this.renderer.scheduleRender(); }, QUIET);
  }

  // Both ends of each link, as the drawing counts places.
  #ends() {
    const { supplier, buyer } = this.chain.links;
    const { x, y } = this.where;
    const places = Array.from({ length: this.chain.count }, (_, firm) => this.renderer.graphToFramedGraph({ x: x[firm], y: y[firm] }));
    const ends = new Float32Array(supplier.length * 4);
    supplier.forEach((from, link) => {
      const to = buyer[link];
      ends.set([places[from].x, places[from].y, places[to].x, places[to].y], link * 4);
    });
    return ends;
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
        if (firm === this.chain.lead) return this.box.clientWidth > 600 ? "below" : "right";
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

  // Which lines are drawn now, and how.
  #draw() {
    const { near, way, narrowed, bits } = this.now;
    const codes = this.chain.standings.map((each) => LINES[each.code] || LINES.open);
    const { standing } = this.chain.links;
    const shown = this.order.filter((link) => !near?.links.has(link) && !this.#hidden(link));
    const faint = Math.min(0.55, Math.max(0.025, 750 / Math.max(1, shown.length)));
    const alpha = near ? Math.min(0.12, faint) : faint;
    const dashed = shown.length <= MANY;
    this.lines = rowsOf(shown, this.ends, (link) => {
      const look = codes[standing[link]];
      // What is contradicted asks for attention, also among many.
      const strong = look === LINES.contradicted && !near ? (bits || narrowed ? 2.5 : 1.7) : 1;
      return [...look.rgb, Math.min(1, alpha * strong), look.size, look.dash, dashed ? look.gap : 0];
    });
    const color = way ? WAY_RGB : CHOSEN_RGB;
    const links = near ? [...near.links] : [];
    const strength = links.length > 400 ? Math.max(0.25, 120 / links.length) : 1;
    this.nearLines = rowsOf(links, this.ends, (link) => {
      const look = codes[standing[link]];
      return [...color, strength, 1.8, look.dash, strength === 1 ? look.gap : 0];
    });
  }

  #hidden(link) {
    const { supplier, buyer, standing } = this.chain.links;
    if (this.now.bits && !(this.now.bits & (1 << standing[link]))) return true;
    return this.now.narrowed && !(this.now.fits[supplier[link]] && (this.now.fits[buyer[link]] || this.now.bits));
  }

  show(now) {
    this.now = now;
    this.#draw();
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

  kill() { clearTimeout(this.resting); this.renderer.kill(); }
}
