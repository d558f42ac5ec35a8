/* The charts of the home page; numbers, words and links come from the server as JSON. */
(function () {
  "use strict";
  const { paint, short, full, data, wide, ready, trend, grid, legend } = window.hq;
  const D = data();

  function retention(d) {
    paint("retention", (p) => ({
      grid: { left: 6, right: 10, top: 10, bottom: 18 },
      tooltip: { trigger: "axis", formatter: ([s]) => `${d.days[s.dataIndex]}  ${full(s.value)}%\n${d.tips[s.dataIndex]}` },
      xAxis: { type: "category", data: d.days.map((day) => day.slice(2, 7)), boundaryGap: false, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: p.mute, fontSize: 11, showMinLabel: true, showMaxLabel: true, alignMinLabel: "left", alignMaxLabel: "right", interval: (i) => i === 0 || i === d.days.length - 1 } },
      yAxis: { type: "value", show: false, min: (v) => Math.max(0, v.min - 3), max: (v) => Math.min(100, v.max + 2) },
      series: [{ type: "line", name: d.name, data: d.rates, smooth: true, symbolSize: 5, lineStyle: { width: 2.5 }, areaStyle: { opacity: 0.1 } }],
    }), () => d.link);
  }

  function stages(d) {
    const order = [...d.stages.keys()].reverse();
    paint("stages", (p, axis) => ({
      grid: { ...grid, right: 52, top: wide() ? 34 : 54 }, legend: legend(p),
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (rows) => [d.stages[order[rows[0].dataIndex]], ...rows.filter((s) => s.seriesName && s.value).map((s) => `${s.seriesName}  ${full(s.value)}`)].join("\n") },
      xAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
      yAxis: { type: "category", data: order.map((i) => d.stages[i]), ...axis, axisLabel: { color: p.text, fontSize: 12 } },
      series: d.series.map((s, n) => ({
        name: s.name, type: "bar", stack: "members", barMaxWidth: 22, data: order.map((i) => s.data[i]),
        label: n === d.series.length - 1 ? { show: true, position: "right", color: p.mute, formatter: (x) => full(d.totals[order[x.dataIndex]]) } : { show: false },
      })),
    }), (x) => x.data.link);
  }

  function heat(d) {
    paint("heat", (p, axis) => ({
      grid: { left: 4, right: 8, top: 24, bottom: 34, containLabel: true },
      tooltip: { formatter: (x) => `${d.r[x.value[1]]} · ${d.f[x.value[0]]}\n${d.words.members}  ${full(x.data.members)}\n${d.words.m}  ${full(x.value[2])}` },
      xAxis: { type: "category", data: d.f, position: "top", ...axis, axisLine: { show: false }, splitLine: { show: false } },
      yAxis: { type: "category", data: d.r, ...axis, axisLine: { show: false }, splitLine: { show: false } },
      visualMap: { min: 1, max: 5, orient: "horizontal", left: "center", bottom: 0, itemWidth: 10, itemHeight: 110, text: [d.words.high, d.words.low], textStyle: { color: p.mute, fontSize: 11 }, inRange: { color: ["#e8efff", "#9db8ff", "#4a72f3", "#1b37a3"] } },
      series: [{ type: "heatmap", data: d.cells.map((c) => ({ ...c, label: { color: c.value[2] >= 2.7 ? "#fff" : "#1b2437" } })), label: { show: true, fontSize: 12, formatter: (x) => x.data.shown }, itemStyle: { borderColor: p.card, borderWidth: 3, borderRadius: 5 } }],
    }), (x) => x.data.link);
  }

  const decades = (axis) => ({ ...axis.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: (v) => (v < 1 ? "" : full(v)) });

  function quadrant(d) {
    const most = Math.max(1, ...d.bubbles.map((b) => b.value[2]));
    const corner = (often, much) => (often ? (much ? "insideTopRight" : "insideBottomRight") : (much ? "insideTopLeft" : "insideBottomLeft"));
    const xs = d.bubbles.map((b) => b.value[0]), ys = d.bubbles.map((b) => b.value[1]).filter((y) => y > 0);
    const low = { x: 0.8, y: Math.min(...ys) * 0.32 }, high = { x: Math.max(...xs) * 1.7, y: Math.max(...ys) * 2.6 };
    paint("quadrant", (p, axis) => ({
      grid: { left: 4, right: 16, top: 28, bottom: 24, containLabel: true },
      tooltip: { formatter: (x) => x.data.tip },
      xAxis: { type: "log", min: low.x, max: high.x, name: d.x, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: p.mute }, ...axis, axisLabel: decades(axis) },
      yAxis: { type: "log", min: low.y, max: high.y, name: d.y, nameTextStyle: { color: p.mute, align: "left" }, ...axis, axisLabel: decades(axis) },
      series: [{
        type: "scatter", data: d.bubbles, symbolSize: (v) => 7 + Math.sqrt(v[2] / most) * (wide() ? 42 : 30), itemStyle: { opacity: 0.72 },
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: p.faint, type: "dashed" }, data: [{ xAxis: d.split[0] }, { yAxis: d.split[1] }] },
        markArea: { silent: true, itemStyle: { color: "transparent" }, label: { color: p.mute, fontSize: 12, fontWeight: 600, textBorderColor: p.card, textBorderWidth: 3 }, data: d.parts.map((q) => [{ name: q.name, label: { position: corner(q.often, q.much) }, xAxis: q.often ? d.split[0] : low.x, yAxis: q.much ? d.split[1] : low.y }, { xAxis: q.often ? high.x : d.split[0], yAxis: q.much ? high.y : d.split[1] }]) },
      }],
    }), (x) => x.data.link);
  }

  function top(d) {
    paint("top", (p, axis) => ({
      grid: { ...grid, right: 44 }, legend: legend(p),
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (rows) => [d.stores[rows[0].dataIndex], ...rows.map((s) => `${s.seriesName}  ${full(s.value)}`)].join("\n") },
      xAxis: { type: "value", ...axis, axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: { type: "category", data: d.stores, ...axis, axisLabel: { color: p.text, fontSize: 11, width: 112, overflow: "truncate" } },
      series: [
        { name: d.words.then, type: "bar", data: d.then, barMaxWidth: 7, itemStyle: { color: p.line, borderRadius: [0, 4, 4, 0] } },
        { name: d.words.now, type: "bar", data: d.now, barMaxWidth: 9, barGap: "20%", itemStyle: { color: p.series[0], borderRadius: [0, 4, 4, 0] }, label: { show: true, position: "right", color: p.mute, fontSize: 11, formatter: (x) => short(x.value) } },
      ],
    }), (x) => d.links[x.dataIndex]);
  }

  const painters = { retention, stages, heat, quadrant, trend, top };
  Object.keys(painters).forEach((name) => { if (D[name]) painters[name](D[name]); });
  ready();
})();
