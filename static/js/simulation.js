/* What a draft would have paid month by month, beside what was paid. */
(function () {
  "use strict";
  const { paint, short, full, grid, legend, data, ready } = window.hq;
  const d = data();
  const bar = (name, values) => ({ type: "bar", name, data: values, barMaxWidth: 28, itemStyle: { borderRadius: [4, 4, 0, 0] } });
  paint("simulation", (p, axis) => ({
    grid, legend: legend(p),
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (rows) => [rows[0].name, ...rows.map((s) => `${s.seriesName}  ${full(s.value)}`)].join("\n") },
    xAxis: { type: "category", data: d.months, ...axis },
    yAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
    series: [bar(d.words.now, d.now), bar(d.words.drafted, d.drafted)],
  }));
  ready();
})();
