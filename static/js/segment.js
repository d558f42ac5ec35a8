/* Who came into a segment and who went out of it, day by day. */
(function () {
  "use strict";
  const { paint, full, grid, legend, data, ready } = window.hq;
  const d = data();
  const bar = (name, values, color) => ({ type: "bar", stack: "moves", name, data: values, barMaxWidth: 16, itemStyle: { color } });
  paint("moves", (p, axis) => ({
    grid, legend: legend(p),
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (rows) => [rows[0].name, ...rows.map((s) => `${s.seriesName}  ${full(Math.abs(s.value))}`)].join("\n") },
    xAxis: { type: "category", data: d.days, ...axis },
    yAxis: { type: "value", ...axis, minInterval: 1 },
    series: [bar(d.words.entered, d.entered, p.series[0]), bar(d.words.left, d.left, p.series[2])],
  }));
  ready();
})();
