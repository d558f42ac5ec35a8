/* The member page's chart: what she bought in each of 24 months. */
(function () {
  "use strict";
  const { paint, short, full, data, ready } = window.hq;
  const d = data();
  paint("months", (p, axis) => ({
    grid: { left: 4, right: 12, top: 16, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([s]) => `${d.months[s.dataIndex]}\n${d.words.yuan}  ${full(s.value)}\n${d.words.orders}  ${d.orders[s.dataIndex]}` },
    xAxis: { type: "category", data: d.months.map((month) => month.slice(2)), ...axis },
    yAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
    series: [{ type: "bar", name: d.words.yuan, data: d.yuan, barMaxWidth: 22, itemStyle: { borderRadius: [4, 4, 0, 0] } }],
  }));
  ready();
})();
