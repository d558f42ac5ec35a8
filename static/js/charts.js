/* What charts share: colours of the page, axes, links behind marks, the trend of days; each answers to resize and to the dark theme. */
(function () {
  "use strict";
  const root = document.documentElement;
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const drawn = new Map();

  function palette() {
    return {
      series: ["#2f5bea", "#12b5a6", "#f59e0b", "#7c5cff", "#e5484d", "#0ea5e9"],
      text: css("--c-text"), mute: css("--c-mute"), line: css("--c-line"), card: css("--c-card"),
      primary: css("--c-pri"), soft: css("--c-pri-soft"), faint: css("--c-faint"),
    };
  }

  function axis(p) {
    return {
      axisLine: { lineStyle: { color: p.line } }, axisTick: { show: false },
      axisLabel: { color: p.mute, fontSize: 11 }, splitLine: { lineStyle: { color: p.line, opacity: 0.6 } },
    };
  }

  function short(value) {
    const chinese = root.lang.startsWith("zh");
    const steps = chinese ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
    const step = steps.find(([size]) => Math.abs(value) >= size);
    return step && Math.abs(value) >= 1e4 ? `${+(value / step[0]).toFixed(1)}${chinese ? " " : ""}${step[1]}` : Math.round(value).toLocaleString("en-US");
  }

  const full = (value) => value === null || value === undefined ? "—" : Number(value).toLocaleString("en-US", { maximumFractionDigits: 2 });

  function paint(name, option, linkOf) {
    const element = document.querySelector(`[data-chart="${name}"]`);
    if (!element) return;
    const chart = echarts.getInstanceByDom(element) || echarts.init(element, null, { renderer: "canvas" });
    const p = palette();
    const base = {
      color: p.series, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      animation: !navigator.webdriver, aria: { enabled: true },
      tooltip: { renderMode: "richText", confine: true, backgroundColor: p.card, borderColor: p.line, textStyle: { color: p.text, fontSize: 12 } },
    };
    const own = option(p, axis(p));
    chart.setOption({ ...base, ...own, tooltip: { ...base.tooltip, ...own.tooltip } }, true);
    if (linkOf && !drawn.has(name)) {
      chart.on("click", (params) => { const link = linkOf(params); if (link) location.assign(link); });
      element.style.cursor = "pointer";
    }
    drawn.set(name, () => paint(name, option, linkOf));
  }

  const grid = { left: 4, right: 14, top: 34, bottom: 4, containLabel: true };
  const legend = (p) => ({ right: 0, top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 6, itemGap: 12, textStyle: { color: p.mute, fontSize: 12 } });

  function trend(d) {
    paint("trend", (p, axis) => ({
      grid, legend: legend(p),
      tooltip: { trigger: "axis", formatter: (rows) => [d.days[rows[0].dataIndex], ...rows.map((s) => `${s.seriesName}  ${full(s.value)}`)].join("\n") },
      xAxis: { type: "category", data: d.days, boundaryGap: false, ...axis, axisLabel: { ...axis.axisLabel, alignMaxLabel: "right" } },
      yAxis: { type: "value", ...axis, axisLabel: { ...axis.axisLabel, formatter: short } },
      series: [
        { name: d.words.now, type: "line", smooth: true, symbol: "circle", symbolSize: 6, showSymbol: false, triggerLineEvent: true, data: d.now, lineStyle: { width: 2.5 }, areaStyle: { opacity: 0.1 } },
        { name: d.words.then, type: "line", smooth: true, symbol: "circle", showSymbol: false, data: d.then, lineStyle: { width: 1.5, type: "dashed" } },
      ],
    }), (x) => d.links[x.dataIndex]);
    const chart = echarts.getInstanceByDom(document.querySelector('[data-chart="trend"]'));
    chart.getZr().on("click", (event) => {
      const at = [event.offsetX, event.offsetY];
      if (!chart.containPixel("grid", at)) return;
      const day = chart.convertFromPixel({ seriesIndex: 0 }, at)[0];
      if (d.links[day]) location.assign(d.links[day]);
    });
  }

  addEventListener("resize", () => document.querySelectorAll("[data-chart]").forEach((e) => echarts.getInstanceByDom(e)?.resize()));
  new MutationObserver(() => drawn.forEach((again) => again())).observe(root, { attributes: true, attributeFilter: ["class"] });

  window.hq = {
    paint, short, full, trend, grid, legend,
    data: () => JSON.parse(document.getElementById("hq-data").textContent),
    wide: () => innerWidth > 640,
    ready: () => { root.dataset.charts = "drawn"; },
  };
})();
