/** The bars of the closure page, from the same numbers as its table. */
document.querySelector("[data-print]")?.addEventListener("click", () => print());

const element = document.querySelector("[data-chart]");
if (element && globalThis.echarts) draw(element, JSON.parse(document.getElementById("closure-chart").textContent));

function draw(element, data) {
  const { names, words, rates } = data;
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#16233a", fontSize: 13 };
  const wide = element.clientWidth > 640;
  element.style.height = `${names.length * (wide ? 32 : 38) + (wide ? 76 : 96)}px`;
  const chart = echarts.init(element, null, { renderer: "svg" });
  const bar = (name, color) => ({
    name: words[name],
    type: "bar",
    stack: "all",
    barMaxWidth: 20,
    itemStyle: { color },
    data: data[name],
  });
  const ends = {
    name: "rate",
    type: "bar",
    stack: "all",
    data: names.map(() => 0),
    silent: true,
    label: {
      show: true,
      position: "right",
      ...font,
      fontWeight: 600,
      formatter: ({ dataIndex }) => `${rates[dataIndex]}%`,
    },
  };
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: font,
    title: { text: words.on_time_rate, right: 8, top: wide ? 6 : 30, textStyle: { ...font, color: "#4b5b74", fontWeight: 400 } },
    grid: { left: 8, right: 76, top: wide ? 40 : 60, bottom: 8, containLabel: true },
    legend: {
      top: 4,
      left: 4,
      itemGap: 18,
      itemWidth: 14,
      textStyle: font,
      data: ["closed_on_time", "closed_late", "overdue_open"].map((name) => words[name]),
    },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (lines) => {
        const box = document.createElement("div");
        const row = (text) => box.append(Object.assign(document.createElement("div"), { textContent: text }));
        row(lines[0].name);
        for (const line of lines.slice(0, 3)) row(`${line.seriesName} ${line.value}`);
        row(`${words.on_time_rate} ${rates[lines[0].dataIndex]}%`);
        return box;
      },
    },
    xAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: "#e9eef5" } } },
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: "#b9c6d8" } },
      axisLabel: { ...font, width: wide ? 200 : 108, overflow: "truncate" },
    },
    series: [bar("closed_on_time", "#2f9e5b"), bar("closed_late", "#e9a23b"), bar("overdue_open", "#c22f39"), ends],
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}
