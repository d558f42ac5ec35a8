/* What members may still spend, by the month in which it ends. */
(function () {
  "use strict";
  const { paint, short, full, data, ready } = window.hq;
  const d = data();
  const bar = (name, values) => ({ type: "bar", stack: "all", name, data: values, barMaxWidth: 28 });
  paint("liability", (p, axis) => ({
    grid: { left: 4, right: 12, top: 34, bottom: 4, containLabel: true },
    legend: { right: 0, top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 6, textStyle: { color: p.mute, fontSize: 12 } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (rows) => [rows[0].name, ...rows.map((s) => `${s.seriesName}  ${full(s.value)}`)].join("\n") },
    xAxis: { type: "category", data: d.months, ...axis },
    yAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
    series: [bar(d.words.open, d.open), bar(d.words.pending, d.pending)],
  }));
  ready();
})();
