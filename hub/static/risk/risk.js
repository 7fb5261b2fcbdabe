// Each firm by its tier and the chosen measure; the table below says the same.
(() => {
  "use strict";
  const place = document.getElementById("risk-drawing");
  const told = document.getElementById("risk-drawn");
  if (!place || !told || !window.echarts) return;
  const data = JSON.parse(told.textContent);
  if (!data.firms.length) {
    place.closest("figure").hidden = true;
    return;
  }
  // Firms of one tier with about the same value stand beside each other.
  const most = Math.max(...data.firms.map((firm) => firm.value)) || 1;
  const row = (firm) => `${firm.tier} ${Math.round((36 * firm.value) / most)}`;
  const sizes = {};
  const counts = {};
  data.firms.forEach((firm) => (sizes[row(firm)] = (sizes[row(firm)] || 0) + 1));
  const beside = (firm) => {
    const at = (counts[row(firm)] = (counts[row(firm)] || 0) + 1);
    const side = at % 2 ? 1 : -1;
    return (side * Math.floor(at / 2) * 0.8) / Math.max(sizes[row(firm)], 24);
  };
  const points = data.firms.map((firm) => ({
    value: [firm.tier + beside(firm), firm.value],
    firm,
    symbol: firm.tier === 1 ? "circle" : "diamond",
    symbolSize: firm.late ? 13 : 10,
    itemStyle: {
      color: firm.late ? "#de3412" : "#256ef4",
      opacity: 0.75,
      borderColor: "#fff",
      borderWidth: 1,
    },
    // The worst three say who they are.
    label: { show: false },
  }));
  points.slice(0, 3).forEach((point) => {
    point.label = {
      show: true,
      formatter: point.firm.name,
      position: "top", // beside it stand others of the same figure
      color: "#1e2124",
      fontSize: 13,
    };
  });
  const chart = echarts.init(place);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const plain = (text) => {
    const element = document.createElement("span");
    element.textContent = text;
    return element.innerHTML;
  };
  chart.setOption({
    animation: !still,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 24, top: 40, bottom: 32, containLabel: true },
    tooltip: {
      formatter: ({ data: point }) =>
        `<strong>${plain(point.firm.name)}</strong><br>${plain(data.tiers[point.firm.tier - 1])} · ` +
        `${plain(data.measure)} ${plain(point.firm.said)}` +
        (point.firm.late ? `<br>${plain(data.exposed)}` : ""),
    },
    xAxis: {
      type: "value",
      min: 0.5,
      max: data.tiers.length + 0.5,
      interval: 1,
      splitLine: { show: false },
      axisTick: { show: false },
      axisLabel: { show: false },
    },
    yAxis: {
      type: "value",
      name: data.unit ? `${data.measure} (${data.unit})` : data.measure,
      nameTextStyle: { align: "left", color: "#464c53", fontSize: 13 },
      axisLabel: { color: "#464c53" },
    },
    series: [
      { type: "scatter", data: points, labelLayout: { hideOverlap: true } },
      {
        // The names of the tiers, below their firms.
        type: "scatter",
        silent: true,
        symbolSize: 0.01,
        data: data.tiers.map((name, index) => ({
          value: [index + 1, 0],
          label: { show: true, formatter: name, position: "bottom", color: "#464c53", fontSize: 13 },
        })),
      },
    ],
  });
  chart.on("click", ({ data: point }) => {
    if (point.firm) location.href = place.dataset.firm.replace(/\/0(?=\?|$)/, `/${point.firm.firm}`);
  });
  new ResizeObserver(() => chart.resize()).observe(place);
})();
