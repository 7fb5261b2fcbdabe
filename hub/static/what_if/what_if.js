// What if: own output and firms hit per tier day by day (ECharts), and the chain coloured by the
// day on which each firm is first hit (Sigma.js). Tables on the page say the same.
(() => {
  "use strict";
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim() || "#1e2124";
  const font = getComputedStyle(document.body).fontFamily;
  const HUES = ["#0b50d0", "#c25e00", "#00857a", "#7a3db8"];
  const DASHES = ["solid", "dashed", "dotted", [10, 4, 2, 4]];
  const told = document.getElementById("what-if-data");
  const data = told ? JSON.parse(told.textContent) : null;
  const common = { animation: !still, textStyle: { fontFamily: font, color: ink } };
  const percent = (value) => `${Math.round(value * 100)} %`;

  function kept(box, option) {
    const chart = echarts.init(box);
    chart.setOption({ ...common, ...option });
    new ResizeObserver(() => chart.resize()).observe(box);
  }

  const dayAxis = (days, more = {}) => ({
    type: "category", data: Array.from({ length: days }, (_, at) => at + 1), axisTick: { show: false }, ...more,
  });

  function timeline(box) {
    const narrow = box.clientWidth < 600;
    const left = narrow ? 64 : 110;
    const rows = data.tiers.length;
    const cells = data.tiers.flatMap((tier, row) =>
      tier.firms.map((firms, day) => [day, row, firms]).filter((cell) => cell[2] > 0));
    const most = Math.max(1, ...cells.map((cell) => cell[2]));
    kept(box, {
      tooltip: {
        trigger: "item", renderMode: "richText",
        formatter: (at) => at.seriesType === "heatmap"
          ? `${data.words.day.replace("#", at.value[0] + 1)} · ${data.tiers[at.value[1]].label}: ${at.value[2]}`
          : `${data.words.day.replace("#", at.dataIndex + 1)}: ${percent(at.value)}`,
      },
      grid: [
        { left, right: 20, top: 34, height: 120 },
        { left, right: 20, top: 214, height: 36 * rows },
      ],
      title: [
        { text: data.words.own, left: 0, top: 0, textStyle: { fontSize: 13, fontWeight: 700, color: ink } },
        { text: data.words.firms, left: 0, top: 180, textStyle: { fontSize: 13, fontWeight: 700, color: ink } },
      ],
      xAxis: [
        dayAxis(data.days, { gridIndex: 0, axisLabel: { show: false } }),
        dayAxis(data.days, { gridIndex: 1, position: "bottom", axisLabel: { color: ink } }),
      ],
      yAxis: [
        { type: "value", gridIndex: 0, min: 0, max: 1, interval: 0.5, axisLabel: { formatter: percent, color: ink } },
        { type: "category", gridIndex: 1, data: data.tiers.map((tier) => tier.label), inverse: true, axisTick: { show: false }, axisLabel: { color: ink } },
      ],
      visualMap: {
        show: false, seriesIndex: 1, dimension: 2, min: 0, max: most,
        inRange: { color: ["#fde3cf", "#f3a66b", "#c25e00", "#7a2e00"] },
      },
      series: [
        { type: "line", step: "middle", data: data.own, symbol: "none", lineStyle: { width: 2.5, color: HUES[0] }, areaStyle: { color: "#0b50d0", opacity: 0.12 } },
        {
          type: "heatmap", xAxisIndex: 1, yAxisIndex: 1, data: cells,
          itemStyle: { borderColor: "#fff", borderWidth: data.days > 120 || narrow ? 0 : 1 },
        },
      ],
    });
  }

  function compared(box) {
    kept(box, {
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: percent },
      legend: { top: 0, textStyle: { color: ink } },
      grid: { left: 60, right: 20, top: 50, bottom: 34 },
      xAxis: dayAxis(data.days, { axisLabel: { color: ink } }),
      yAxis: { type: "value", min: 0, max: 1, axisLabel: { formatter: percent, color: ink } },
      series: data.lines.map((line, at) => ({
        type: "line", step: "middle", name: line.label, data: line.own, symbol: "none",
        lineStyle: { width: 2.5, color: HUES[at], type: DASHES[at] }, itemStyle: { color: HUES[at] },
      })),
    });
  }

  // The earlier, the darker; who stops is a square, so that colour is not alone.
  const EARLY = ["#7a2e00", "#c25e00", "#f08a3c", "#f6bd8f"];
  const NEVER = "#d3d7db";
  const STOPS = "#1e2124";

  function drawn(box, chain) {
    const last = chain.firms.reduce((most, firm) => Math.max(most, firm[4]), 1);
    const wide = () => box.clientWidth / Math.max(1, box.clientHeight);
    const stopped = new Set(chain.stopped);
    const days = [...new Set(chain.firms.map((firm) => firm[5]).filter(Boolean))].sort((a, b) => a - b);
    const steps = Math.min(EARLY.length, days.length);
    const bounds = Array.from({ length: steps }, (_, at) => days[Math.floor((at * days.length) / steps)]);
    const band = (day) => Math.max(0, bounds.findLastIndex((bound) => day >= bound));
    const graph = new graphology.DirectedGraph();
    for (const [number, name, x, y, tier, day] of chain.firms) {
      const stops = stopped.has(number);
      graph.addNode(String(number), {
        label: day ? `${name} · ${box.dataset.day.replace("#", day)}` : name,
        across: x / last, side: tier === last && last > 1 ? "left" : "right",
        x: (x / last) * wide(), y: 1 - y, size: tier === 0 ? 11 : day ? 6 : 3,
        color: stops ? STOPS : day ? EARLY[band(day)] : NEVER, shape: stops ? "square" : "circle", zIndex: day ? 1 : 0,
      });
    }
    for (const [supplier, buyer] of chain.links) {
      if (!graph.hasEdge(supplier, buyer)) graph.addDirectedEdge(String(supplier), String(buyer), { size: 1, color: "#e9b48a" });
    }
    const R = Sigma.rendering;
    const view = new Sigma(graph, box, {
      primitives: { nodes: { shapes: [R.sdfCircle(), R.sdfSquare()] } },
      styles: {
        nodes: [Sigma.DEFAULT_STYLES.nodes, {
          shape: { attribute: "shape" }, labelPosition: { attribute: "side" }, labelSize: 13, labelFont: font,
          labelBackgroundColor: "rgba(255, 255, 255, 0.88)", labelBackgroundPadding: 2,
        }],
        edges: [Sigma.DEFAULT_STYLES.edges],
      },
      settings: { labelRenderedSizeThreshold: 6, labelGridCellSize: 230, itemSizesReference: "screen" },
    });
    let waits = 0;
    new ResizeObserver(() => {
      clearTimeout(waits);
      waits = setTimeout(() => graph.updateEachNodeAttributes((_, node) => ({ ...node, x: node.across * wide() })), 150);
    }).observe(box);
    box.dataset.drawn = String(view.getGraph().order);
    legend(box, days, bounds);
  }

  function legend(box, days, bounds) {
    const list = document.getElementById("what-if-legend");
    const mark = (color, square) =>
      `<svg viewBox="0 0 16 16" aria-hidden="true">${square ? `<rect x="2" y="2" width="12" height="12" fill="${color}"/>` : `<circle cx="8" cy="8" r="6.4" fill="${color}"/>`}</svg>`;
    const line = (color, text, square = false) => {
      const item = document.createElement("li");
      item.innerHTML = mark(color, square);
      item.append(text);
      list.append(item);
    };
    const last = days[days.length - 1];
    line(STOPS, box.dataset.stops, true);
    bounds.forEach((from, at) => {
      const to = at + 1 < bounds.length ? days[days.indexOf(bounds[at + 1]) - 1] : last;
      line(EARLY[at], box.dataset.day.replace("#", to > from ? `${from}–${to}` : from));
    });
    line(NEVER, box.dataset.never);
  }

  async function map(box) {
    try {
      const [answer] = await Promise.all([
        fetch(box.dataset.source, { headers: { Accept: "application/json" } }),
        document.fonts.load(`13px ${font}`, "가나다"), // letters are drawn once, and kept
      ]);
      if (!answer.ok) throw new Error(String(answer.status));
      drawn(box, await answer.json());
    } catch (error) {
      box.classList.add("failed");
      box.textContent = box.dataset.failed;
      console.warn(error);
    }
  }

  const places = { "what-if-chart": timeline, "what-if-compare": compared, "what-if-map": map };
  for (const [id, draw] of Object.entries(places)) {
    const box = document.getElementById(id);
    if (box) draw(box);
  }
})();
