// Plants that run a version, by tier, over time; the table below says the same.
(() => {
  "use strict";
  const place = document.getElementById("adoption-drawing");
  const told = document.getElementById("adoption-drawn");
  if (!place || !told || !window.echarts) return;
  const data = JSON.parse(told.textContent);
  const colors = ["#0b50d0", "#c25e00", "#006b3a", "#7a3db8", "#a3240c"];
  const kinds = ["solid", "dashed", "dotted"];
  const chart = echarts.init(place);
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: colors,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 24, top: 56, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, data: data.tiers.map((tier) => tier.name) },
    tooltip: { trigger: "axis" },
    xAxis: { type: "time", axisLabel: { color: "#464c53", hideOverlap: true } },
    yAxis: { type: "value", name: data.unit, minInterval: 1, nameTextStyle: { align: "left", color: "#464c53", fontSize: 13 }, axisLabel: { color: "#464c53" } },
    series: data.tiers.map((tier, index) => ({
      name: tier.name,
      type: "line",
      step: "end",
      showSymbol: tier.points.length < 30,
      lineStyle: { width: 2, type: kinds[index % kinds.length] },
      data: tier.points.length ? [...tier.points, [data.now, tier.points[tier.points.length - 1][1]]] : [],
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(place);
})();
