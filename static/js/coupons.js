/* The report of redemptions: how many each week, and what they took off. */
(function () {
  "use strict";
  const { paint, short, full, data, ready } = window.hq;
  const d = data();
  paint("redeemed", (p, axis) => ({
    grid: { left: 4, right: 12, top: 16, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([s]) => `${d.weeks[s.dataIndex]}\n${d.words.redeemed}  ${full(s.value)}\n${d.words.yuan}  ${full(d.yuan[s.dataIndex])}` },
    xAxis: { type: "category", data: d.weeks, ...axis },
    yAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
    series: [{ type: "bar", name: d.words.redeemed, data: d.redeemed, barMaxWidth: 26, itemStyle: { borderRadius: [4, 4, 0, 0] } }],
  }));
  ready();
})();
