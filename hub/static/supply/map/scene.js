// The drawing itself: Sigma.js over a graph of the chain. It is told what to show (`show`), and
// says what was clicked; what is chosen and why is decided elsewhere.
/* global graphology, Sigma */
import { Glide } from "./glide.js";
import { CHOSEN_RGB, LINES, WAY_RGB } from "./look.js";
import { Marks, STYLES } from "./marks.js";
import { places } from "./places.js";
import { rowsOf, threads } from "./threads.js";

const MANY = 4000; // links: more are drawn without dashes
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

export class Scene {
  constructor(box, chain, words, now) {
    this.box = box;
    this.chain = chain;
    this.now = now; // what is shown: looks, fits, near, chosen, way, rest, bits
    this.#place();
    this.graph = graphOf(chain, this.where);
    this.graph.forEachNode((_, node) => this.marks.look(node, now));
    this.renderer = new Sigma.Sigma(this.graph, box, {
      primitives: primitives(),
      styles: { nodes: STYLES },
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
    this.#fill();
    this.#draw();
    this.renderer.addCustomLayerProgram("lines", "edges", threads(() => ({ ...this.lines, strength: this.strength, faint: this.faint })));
    this.renderer.addCustomLayerProgram("near", "topEdges", threads(() => this.nearLines));
    this.glide = new Glide(this.renderer);
  }

  #place() {
    const { clientWidth, clientHeight } = this.box;
    this.where = places(this.chain, clientWidth, clientHeight);
    this.marks = new Marks(this.chain, this.where, clientWidth);
    this.size = `${clientWidth} × ${clientHeight}`;
  }

  #fill() {
    this.renderer.setCustomBBox({ x: [0, this.where.wide], y: [0, 1] });
    this.renderer.refresh();
    this.ends = this.#ends();
  }

  // Where the frame has another size, every mark finds its place in it anew.
  resize() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight || this.size === `${clientWidth} × ${clientHeight}`) return;
    this.#place();
    this.graph.forEachNode((_, node) => {
      const { x, y } = node.group === undefined
        ? { x: this.where.x[node.firm], y: this.where.y[node.firm] }
        : this.where.groups[node.group];
      Object.assign(node, { x, y });
    });
    this.renderer.resize(true);
    this.#fill();
    this.show(this.now);
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

  // Which lines are drawn now, and how.
  #draw() {
    const { near, way, narrowed, bits } = this.now;
    const codes = this.chain.standings.map((each) => LINES[each.code] || LINES.open);
    const { standing } = this.chain.links;
    const shown = standing.map((_, link) => link).filter((link) => !near?.links.has(link) && !this.#hidden(link));
    const faint = Math.min(0.42, Math.max(0.016, 360 / Math.max(1, shown.length)));
    const alpha = near ? Math.min(0.07, faint * 0.45) : faint;
    const dashed = shown.length <= MANY;
    this.lines = rowsOf(shown, this.ends, (link) => {
      const look = codes[standing[link]];
      // What is contradicted asks for attention, also among many.
      const strong = look === LINES.contradicted && !near ? (bits ? 2.5 : dashed ? 1.6 : 1.15) : 1;
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
    this.graph.forEachNode((_, node) => this.marks.look(node, now));
    if (this.glide.took) this.renderer.refresh({ skipIndexation: true });
    else this.glide.measure();
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

  // The nearer one looks, the fewer lines cross the frame, and the stronger each may be.
  get strength() { return Math.max(1, this.view.ratio ** -0.7); }

  // So many lines at once, and from so far, that each is but a breath.
  get faint() { return this.lines.count > MANY && this.view.ratio > 0.5; }

  // Where the map stands: its middle, and how near.
  get view() { return this.renderer.getCamera().getState(); }

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

  kill() { this.glide.stop(); this.renderer.kill(); }
}
