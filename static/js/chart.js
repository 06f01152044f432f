// Draws each <figure data-chart>: ECharts on canvas, from the JSON block inside it; its table opens on demand.
// The block: {type, title, x: [...] or null, xLabel, yLabel, unit, series: [{name, data, type?}], stacked?, horizontal?, time?, numeric?}
// or {option: {...}} with ECharts' own option, and {columns, rows} for its table. Needs the script of ECharts on the page.
// ECharts reads neither light-dark() nor oklch(): the browser resolves them, a pixel tells the result.
const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
function colour(name) {
  probe.style.color = `var(${name})`;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = getComputedStyle(probe).color;
  pixel.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${r}, ${g}, ${b}, ${a / 255})`;
}
const LIGHT = ["#0b6b7f", "#d9822b", "#5b5fc7", "#3f8f4f", "#b8336a", "#7a6a53"];
const DARK = ["#4fc3d9", "#f0a85c", "#9a9df0", "#7cc98b", "#ec7fac", "#bba98f"];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [12, 4], [3, 6]];
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 3 });

function said(value, unit) {
  if (value === null || value === undefined) return "–";
  return typeof value === "number" ? number.format(value) + (unit ? ` ${unit}` : "") : String(value);
}

function seriesOption(series, index, chart) {
  const type = series.type ?? chart.type ?? "line";
  const option = { name: series.name, type, data: series.data, emphasis: { focus: "series" } };
  if (chart.stacked) option.stack = "all";
  if (type === "line") {
    const many = (series.data?.length ?? 0) > 40;
    Object.assign(option, { symbol: SYMBOLS[index % 6], symbolSize: 6, showSymbol: !many, lineStyle: { type: DASHES[index % 6], width: 2 } });
    if (chart.area) option.areaStyle = { opacity: 0.12 };
  }
  if (type === "bar") Object.assign(option, { barMaxWidth: 34, itemStyle: { borderRadius: 2 } });
  return option;
}

function fullOption(chart) {
  const ink = colour("--tblr-secondary");
  const line = { lineStyle: { color: colour("--tblr-border-color") } };
  const name = { nameLocation: "middle", nameTextStyle: { color: ink }, axisLabel: { color: ink, hideOverlap: true }, axisLine: line, splitLine: line };
  const category = { ...name, type: chart.time ? "time" : chart.numeric ? "value" : "category", data: chart.x ?? undefined, name: chart.xLabel, nameGap: 30, splitLine: { show: false }, axisTick: { show: false } };
  const value = { ...name, type: "value", name: chart.yLabel, nameGap: 52, axisLabel: { color: ink, formatter: (v) => number.format(v) } };
  const across = chart.horizontal;
  const pointer = chart.series?.some((s) => (s.type ?? chart.type) === "bar") ? "shadow" : "line";
  return {
    grid: { left: across ? 12 : 66, right: 18, top: chart.series?.length > 1 || across ? 40 : 16, bottom: chart.xLabel ? 46 : 28, containLabel: Boolean(across) },
    legend: { type: "scroll", show: chart.series?.length > 1, top: 0, left: 0, icon: "roundRect", textStyle: { color: ink } },
    tooltip: { trigger: "axis", axisPointer: { type: pointer }, valueFormatter: (v) => said(v, chart.unit) },
    xAxis: across ? { ...value, nameGap: 30 } : category,
    yAxis: across ? { ...category, inverse: true, nameLocation: "start", nameGap: 12 } : value,
    series: chart.series?.map((s, i) => seriesOption(s, i, chart)),
  };
}

function themed(option) {
  const dark = document.documentElement.dataset.bsTheme === "dark";
  const tooltip = {
    ...option.tooltip, renderMode: "richText", confine: true, // the HTML tooltip would need inline styles
    backgroundColor: colour("--tblr-bg-surface"), borderColor: colour("--tblr-border-color"), textStyle: { color: colour("--tblr-body-color"), fontSize: 12 },
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: !still, animationDuration: 250, backgroundColor: "transparent", color: dark ? DARK : LIGHT,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--tblr-body-color") }, ...option, tooltip, toolbox: { show: false },
  };
}

function tableOf(chart) {
  if (chart.rows) return { columns: chart.columns, rows: chart.rows };
  const names = chart.series.map((s) => s.name);
  const first = chart.x ?? chart.series[0].data.map((point) => point[0]);
  const at = (s, i) => (chart.x ? s.data[i] : s.data[i]?.[1]);
  return { columns: [chart.xLabel ?? "", ...names], rows: first.map((x, i) => [x, ...chart.series.map((s) => at(s, i))]) };
}

function cell(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function fillTable(place, chart) {
  const { columns, rows } = tableOf(chart);
  const table = document.createElement("table");
  table.className = "table table-sm table-vcenter";
  const head = table.createTHead().insertRow();
  columns.forEach((column) => { const th = cell("th", column); th.scope = "col"; head.append(th); });
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, i) => line.append(cell("td", i ? said(value, chart.unit) : String(value))));
  }
  place.replaceChildren(table);
}

export function draw(figure) {
  const chart = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const canvas = figure.querySelector("[data-chart-canvas]");
  const drawn = echarts.getInstanceByDom(canvas) ?? echarts.init(canvas, null, { renderer: "canvas" });
  drawn.setOption(themed(chart.option ?? fullOption(chart)), true);
  const details = figure.querySelector("details");
  details?.addEventListener("toggle", () => details.open && fillTable(details.querySelector("[data-chart-table]"), chart), { once: true });
  if (!figure.dataset.watched) {
    figure.dataset.watched = "1";
    new ResizeObserver(() => drawn.resize()).observe(canvas);
  }
  return drawn;
}

export const drawAll = (root = document) => root.querySelectorAll("figure[data-chart]").forEach(draw);

drawAll();
document.addEventListener("htmx:load", (event) => {
  const figure = event.detail.elt;
  if (figure.matches?.("figure[data-chart]")) draw(figure);
  else drawAll(figure);
});
document.addEventListener("theme", () => drawAll());
