/** The picture of the rates page: one indicator by row, from the same numbers as its table. */
document.querySelector("[data-print]")?.addEventListener("click", () => print());

const element = document.querySelector("[data-chart]");
if (element && globalThis.echarts) draw(element, JSON.parse(document.getElementById("rates-picture").textContent));

function draw(element, data) {
  const { names, now, before, counts, words } = data;
  const unit = data.is_rate ? "%" : "";
  const shown = (value) => (value === null ? "—" : data.is_rate ? `${value.toFixed(2)}%` : String(value));
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#16233a", fontSize: 13 };
  const edge = data.is_rate ? 100 : Math.max(1, ...now, ...before);
  const hasBefore = before.some((value) => value !== null);
  const wide = element.clientWidth > 640;
  element.style.height = `${names.length * (wide ? 30 : 36) + 56}px`;
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: font,
    grid: { left: 8, right: 80, top: 34, bottom: 4, containLabel: true },
    legend: { top: 4, right: 4, itemGap: 18, itemWidth: 14, textStyle: font, data: hasBefore ? [element.dataset.now, { name: element.dataset.before, icon: "path://M5 0h3v14h-3z" }] : [] },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (lines) => {
        const at = lines[0].dataIndex;
        const box = document.createElement("div");
        const row = (text) => box.append(Object.assign(document.createElement("div"), { textContent: text }));
        row(names[at]);
        row(`${data.title} ${shown(now[at])}`);
        words.forEach((word, index) => row(`${word} ${counts[at][index]}`));
        if (hasBefore) row(`${element.dataset.before} ${shown(before[at])}`);
        return box;
      },
    },
    xAxis: {
      type: "value",
      min: 0,
      max: edge,
      minInterval: data.is_rate ? undefined : 1,
      axisLabel: { formatter: `{value}${unit}` },
      splitLine: { lineStyle: { color: "#e9eef5" } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: "#b9c6d8" } },
      axisLabel: { ...font, width: wide ? 200 : 108, overflow: "truncate" },
    },
    series: [
      {
        name: element.dataset.now,
        type: "bar",
        barMaxWidth: 18,
        itemStyle: { color: data.low_is_good ? "#c22f39" : "#2f7fd6", borderRadius: [0, 3, 3, 0] },
        data: now,
      },
      {
        // The numbers stand in a column of their own, right of every bar and mark.
        type: "scatter",
        symbolSize: 0,
        silent: true,
        data: now.map(() => edge),
        label: { show: true, position: "right", distance: 10, ...font, fontWeight: 600, formatter: ({ dataIndex }) => shown(now[dataIndex]) },
      },
      {
        name: element.dataset.before,
        type: "scatter",
        symbol: "rect",
        symbolSize: [3, 22],
        itemStyle: { color: "#16233a" },
        data: before,
        z: 5,
      },
    ],
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}
