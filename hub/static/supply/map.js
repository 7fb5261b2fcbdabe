// The tier map: columns by tier, colour and shape by one measure, drawn with Sigma.js (WebGL).
// Places come from the hub, so the drawing is the same for everybody and at every visit.
(() => {
  "use strict";
  const box = document.getElementById("chain");
  if (!box) return;
  const find = document.getElementById("chain-find");
  const standing = document.getElementById("chain-standing");
  const measure = document.getElementById("chain-measure");
  const legend = document.getElementById("chain-legend");
  const near = document.getElementById("chain-near");
  const heads = document.querySelector(".chain-tiers");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const PALE = "#e1e4e8";
  const CHOSEN = "#052b7a";
  const NONE = "rgba(0, 0, 0, 0)";
  const CROWD = "#d3d7db";
  // How a delivery looks by what its two ends say: confirmed is a whole line, not yet confirmed a
  // broken one, contradicted a broken one that is thicker and red.
  const LINES = {
    confirmed: { color: "#8a949e", whole: "#8a949e", size: 0.9, dash: 8, gap: 0 },
    open: { color: "#a4adb6", whole: NONE, size: 0.9, dash: 5, gap: 4 },
    contradicted: { color: "#c62828", whole: NONE, size: 1.6, dash: 3, gap: 3 },
  };

  const outline = {
    circle: '<circle cx="8" cy="8" r="6.4"/>',
    square: '<rect x="2" y="2" width="12" height="12"/>',
    triangle: '<path d="M8 1.5 15 14H1z"/>',
    diamond: '<path d="M8 .8 15.2 8 8 15.2.8 8z"/>',
    rectangle: '<rect x=".6" y="4.2" width="14.8" height="7.6"/>',
  };

  const failed = () => {
    box.classList.add("failed");
    box.textContent = box.dataset.failed;
    heads.hidden = true;
  };

  async function start() {
    const answer = await fetch(box.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const chain = await answer.json();
    const view = draw(chain);
    choices(chain, view);
    standings(chain, view);
    view.colourBy(chain.measures[0]);
  }

  // Nearer firms are larger, and so are those with more suppliers; a column stays legible.
  const SIZES = [13, 6, 4.5];
  const sizeOf = (node) =>
    node.tier === 0 ? SIZES[0] : Math.min(9, (SIZES[node.tier] || 3.6) + Math.sqrt(node.suppliers) / 2);

  function graphOf(chain) {
    // Sigma keeps proportions, so places are stretched to those of the frame.
    const wide = box.clientWidth / Math.max(box.clientHeight, 1);
    const last = Math.max(...[...chain.nodes, ...chain.crowds].map((node) => node.tier), 1);
    const scale = Math.min(1, Math.max(0.6, box.clientWidth / 800)); // smaller marks on a phone
    const graph = new graphology.DirectedGraph();
    for (const node of chain.nodes) {
      graph.addNode(String(node.id), {
        label: node.label,
        x: (node.x / last) * wide,
        y: 1 - node.y,
        size: scale * sizeOf(node),
        color: PALE,
        shape: "circle",
        side: node.tier === last && last > 1 ? "left" : "right",
        tier: node.tier,
        classes: node.classes,
      });
    }
    for (const crowd of chain.crowds) {
      graph.addNode(crowd.id, {
        label: crowd.label,
        x: (crowd.x / last) * wide,
        y: 1 - crowd.y,
        size: scale * Math.min(16, 5 + Math.sqrt(crowd.firms || 1)),
        color: CROWD,
        shape: "circle",
        side: crowd.tier === last ? "left" : "right",
        tier: crowd.tier,
        crowd: true,
        classes: {},
      });
    }
    for (const [supplier, buyer, word] of chain.edges) {
      graph.mergeEdge(String(supplier), String(buyer), { standing: word, ...LINES[word] });
    }
    return { graph, last, wide };
  }

  function draw(chain) {
    const { graph, last, wide } = graphOf(chain);
    const { sdfCircle, sdfSquare, sdfTriangle, sdfDiamond, sdfRectangle, layerFill, layerPlain, layerDashed } = Sigma.rendering;
    const shown = { chosen: null, around: new Set() };
    const renderer = new Sigma.Sigma(graph, box, {
      primitives: {
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
            layerDashed({
              dashSize: { attribute: "dash", mode: "pixels" },
              gapSize: { attribute: "gap", mode: "pixels" },
            }),
          ],
        },
        depthLayers: ["edges", "nodes", "topEdges", "topNodes"],
      },
      customNodeState: { isNear: false, isChosen: false },
      customEdgeState: { isNear: false, isLeftOut: false },
      customGraphState: { hasChosen: false },
      styles: {
        nodes: [
          {
            x: { attribute: "x" }, y: { attribute: "y" },
            color: { attribute: "color" }, size: { attribute: "size" },
            shape: { attribute: "shape" }, label: { attribute: "label" },
            labelPosition: { attribute: "side" },
            labelColor: "#1e2124", labelSize: 13, labelVisibility: "auto", cursor: "pointer",
            labelBackgroundColor: "rgba(255, 255, 255, 0.85)", labelBackgroundPadding: 2,
          },
          { when: (_a, state, all) => all.hasChosen && !state.isNear, then: { color: PALE, label: "" } },
          { whenState: "isNear", then: { depth: "topNodes", labelVisibility: "visible" } },
          { whenState: "isChosen", then: { size: 9 } },
          { whenState: "isHovered", then: { labelVisibility: "visible", depth: "topNodes" } },
        ],
        edges: [
          {
            color: { attribute: "color" }, size: { attribute: "size" }, depth: "edges",
            whole: { attribute: "whole" }, dash: { attribute: "dash" }, gap: { attribute: "gap" },
          },
          { when: (_a, state, all) => all.hasChosen && !state.isNear, then: { opacity: 0.25 } },
          { whenState: "isNear", then: { color: CHOSEN, size: 1.8, depth: "topEdges" } },
          { when: (a, state) => state.isNear && a.standing === "confirmed", then: { whole: CHOSEN } },
          { whenState: "isLeftOut", then: { visibility: "hidden" } },
        ],
      },
      settings: {
        gestureTarget: "shared",
        sharedGestureWheelMessage: box.dataset.wheel,
        sharedGestureAppleWheelMessage: box.dataset.wheel,
        sharedGestureTouchMessage: box.dataset.touch,
        itemSizesReference: "screen",
        allowInvalidContainer: true, // while the browser leaves the page
        labelRenderedSizeThreshold: 6,
        stagePadding: 36,
        minCameraRatio: 0.05,
        maxCameraRatio: 1.6,
      },
    });

    const camera = renderer.getCamera();
    const go = (state) => camera.animate(state, { duration: still ? 0 : 300 });

    function columns() {
      heads.replaceChildren();
      for (let tier = 0; tier <= last; tier += 1) {
        const at = renderer.graphToViewport({ x: (tier / last) * wide, y: 0 });
        if (at.x < -40 || at.x > box.clientWidth + 40) continue;
        const word = document.createElement("span");
        word.textContent = tier ? box.dataset.tier.replace("#", tier) : box.dataset.lead;
        const half = Math.min(word.textContent.length * 7, 34);
        word.style.left = `${Math.min(Math.max(at.x, half), box.clientWidth - half)}px`;
        heads.append(word);
      }
    }
    renderer.on("afterRender", columns);

    // Moves the camera so that these firms fill the frame, and never closer than is readable.
    function frame(ids) {
      const at = ids.map((each) => renderer.getNodeDisplayData(each)).filter(Boolean);
      if (!at.length) return;
      const [left, right] = [Math.min(...at.map((p) => p.x)), Math.max(...at.map((p) => p.x))];
      const [low, high] = [Math.min(...at.map((p) => p.y)), Math.max(...at.map((p) => p.y))];
      const ratio = Math.min(1, Math.max(0.2, 1.35 * Math.max(right - left, high - low)));
      go({ x: (left + right) / 2, y: (low + high) / 2, ratio });
    }

    function choose(id, move) {
      const edges = graph.edges();
      renderer.setNodesState(graph.nodes(), { isNear: false, isChosen: false });
      renderer.setEdgesState(edges, { isNear: false });
      renderer.setGraphState({ hasChosen: Boolean(id) });
      shown.chosen = id;
      if (!id) return;
      renderer.setNodesState([id, ...graph.neighbors(id)], { isNear: true });
      renderer.setNodeState(id, { isChosen: true });
      renderer.setEdgesState(graph.edges(id), { isNear: true });
      if (graph.getNodeAttribute(id, "crowd")) told(graph.getNodeAttribute(id, "label"));
      else panel(id);
      if (move) {
        frame([id, ...graph.neighbors(id)]);
      }
    }

    renderer.on("clickNode", ({ node }) => choose(node, false));
    renderer.on("clickStage", () => choose(null, false));
    document.querySelector(".chain-zoom").addEventListener("click", (event) => {
      const asked = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (asked === "in") go({ ratio: camera.ratio / 1.6 });
      if (asked === "out") go({ ratio: Math.min(camera.ratio * 1.6, 1.6) });
      if (asked === "all") { choose(null, false); go({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }); }
    });
    near.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-firm]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !graph.hasNode(link.dataset.firm)) return;
      event.preventDefault();
      choose(link.dataset.firm, true);
      near.focus({ preventScroll: true });
    });

    // How tests and a curious person reach the drawing.
    box.chain = { renderer, graph, choose };

    return {
      graph,
      choose,
      colourBy(chosen) {
        const looks = new Map(chosen.classes.map((each) => [each.code, each]));
        graph.updateEachNodeAttributes((_id, attributes) => {
          if (attributes.crowd) return attributes;
          const look = looks.get(attributes.classes[chosen.name]) || looks.get("");
          return { ...attributes, color: look?.color || PALE, shape: look?.shape || "circle" };
        }, { attributes: ["color", "shape"] });
        key(chosen, chain.crowds.length > 0);
      },
      only(word) {
        const away = graph.filterEdges((_edge, attributes) => word && attributes.standing !== word);
        renderer.setEdgesState(graph.edges(), { isLeftOut: false });
        if (away.length) renderer.setEdgesState(away, { isLeftOut: true });
      },
    };
  }

  function key(chosen, crowds) {
    const grey = { color: CROWD, shape: "circle", label: box.dataset.crowd, firms: "" };
    legend.replaceChildren(...[...chosen.classes, ...(crowds ? [grey] : [])].map((each) => {
      const line = document.createElement("li");
      line.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true" fill="${each.color}">${outline[each.shape]}</svg>`;
      const label = document.createElement("span");
      label.textContent = each.label;
      const count = document.createElement("span");
      count.className = "firms";
      count.textContent = each.firms;
      line.append(label, count);
      return line;
    }), ...lines);
  }

  // The key of the lines; each count is of pairs of firms.
  let lines = [];
  function standings(chain, view) {
    const counts = new Map();
    for (const [, , word] of chain.edges) counts.set(word, (counts.get(word) || 0) + 1);
    const found = chain.standings.filter((each) => counts.has(each.code));
    lines = found.map((each) => {
      const { color, dash, gap } = LINES[each.code];
      const line = document.createElement("li");
      line.innerHTML = `<svg viewBox="0 0 28 16" aria-hidden="true" class="line"><path d="M1 8h26" stroke="${color}" stroke-width="2.4"${gap ? ` stroke-dasharray="${dash} ${gap}"` : ""}/></svg>`;
      const label = document.createElement("span");
      label.textContent = each.label;
      const count = document.createElement("span");
      count.className = "firms";
      count.textContent = counts.get(each.code);
      line.append(label, count);
      return line;
    });
    for (const each of found) standing.add(new Option(each.label, each.code));
    standing.addEventListener("change", () => view.only(standing.value));
  }

  function choices(chain, view) {
    for (const each of chain.measures) measure.add(new Option(each.title, each.name));
    measure.addEventListener("change", () => view.colourBy(chain.measures.find((each) => each.name === measure.value)));
    const byName = new Map(chain.nodes.map((node) => [node.label, String(node.id)]));
    const names = document.getElementById("chain-names");
    for (const name of byName.keys()) names.append(new Option(name, name));
    const search = () => {
      const text = find.value.trim().toLowerCase();
      if (!text) return;
      const exact = byName.get(find.value.trim());
      const id = exact || [...byName].find(([name]) => name.toLowerCase().includes(text))?.[1];
      if (id) view.choose(id, true);
    };
    find.addEventListener("change", search);
    find.addEventListener("input", () => { if (byName.has(find.value)) search(); });
  }

  // A group of firms without names has no page: the panel says what may be said.
  function told(text) {
    near.dataset.for = "";
    const head = document.createElement("h2");
    head.className = "near-name";
    head.textContent = text;
    const line = document.createElement("p");
    line.textContent = box.dataset.unnamed;
    near.replaceChildren(head, line);
  }

  async function panel(id) {
    const address = near.dataset.for = box.dataset.near.replace("/0/", `/${id}/`);
    const answer = await fetch(address);
    if (near.dataset.for !== address || !answer.ok) return;
    near.innerHTML = await answer.text();
  }

  start().catch((error) => { console.error(error); failed(); });
})();
