import { drawing } from "./element.ts";
import { type EndpointHistory, historyMs, longestStepMs, type RatePoint } from "./statistics-history.ts";

/** How an endpoint's line looks; the table beside the chart shows the same. */
export interface LineStyle {
  /** The class of its colour. */
  readonly colour: string;
  /** So that nobody needs to tell colours apart. */
  readonly dashes: string;
}

const colours = 6;
const dashes = ["none", "5 3", "1.5 3"];
/** More lines than this are no chart. */
export const maximumLines = 8;

/** The look of the line with this number. */
export function lineStyle(index: number): LineStyle {
  return { colour: `line-${index % colours + 1}`, dashes: dashes[Math.floor(index / colours) % dashes.length]! };
}

const minuteMs = 60_000;
const left = 44;
const right = 12;
const requestsTop = 30;
const requestsHeight = 132;
const errorsTop = 212;
const errorsHeight = 48;
/** The height of the chart in pixels: known before there is anything to show, so that nothing moves later. */
export const chartHeight = 286;

/** One of the two plots, which share the axis of time. */
interface Plot {
  readonly title: string;
  readonly top: number;
  readonly height: number;
  readonly valueOf: (point: RatePoint) => number;
}

const plots: readonly Plot[] = [
  {
    title: "Requests per second",
    top: requestsTop,
    height: requestsHeight,
    valueOf: ({ requestsPerSecond }) => requestsPerSecond,
  },
  {
    title: "Errors per second",
    top: errorsTop,
    height: errorsHeight,
    valueOf: ({ errorsPerSecond }) => errorsPerSecond,
  },
];

/** Draws the rates of the last minutes, up to a moment, for a width in pixels. */
export function drawChart(endpoints: readonly EndpointHistory[], at: number, width: number): SVGSVGElement {
  const end = Math.max(left + 80, width - right);
  const spanMs = spanOf(endpoints, at);
  const x = (time: number): number => left + (end - left) * (1 - (at - time) / spanMs);
  const chart = drawing("svg", {
    viewBox: `0 0 ${width} ${chartHeight}`,
    width,
    height: chartHeight,
    role: "img",
    "aria-label": "Requests and errors per second of the last minutes; the table below has the numbers",
  });
  for (const plot of plots) drawPlot(chart, plot, endpoints, x, end);
  const stepMs = spanMs === minuteMs ? minuteMs / 4 : minuteMs;
  for (let backMs = 0; backMs <= spanMs; backMs += stepMs) {
    const anchor = backMs === 0 ? "end" : backMs === spanMs ? "start" : "middle";
    const label = backMs === 0 ? "now" : stepMs < minuteMs ? `−${backMs / 1_000} s` : `−${backMs / minuteMs} min`;
    const place = { x: x(at - backMs), y: chartHeight - 6, "text-anchor": anchor, class: "axis" };
    chart.append(drawing("text", place, label));
  }
  return chart;
}

/** As many whole minutes as there is something to show for. */
function spanOf(endpoints: readonly EndpointHistory[], at: number): number {
  const first = Math.min(at, ...endpoints.flatMap(({ points }) => points[0]?.at ?? []));
  return Math.min(historyMs, Math.max(1, Math.ceil((at - first) / minuteMs)) * minuteMs);
}

function drawPlot(
  chart: SVGSVGElement,
  { title, top, height, valueOf }: Plot,
  endpoints: readonly EndpointHistory[],
  x: (time: number) => number,
  end: number,
): void {
  const highest = Math.max(0, ...endpoints.flatMap(({ points }) => points.map(valueOf)));
  const scale = niceCeiling(highest);
  const y = (value: number): number => top + height * (1 - value / scale);
  chart.append(drawing("text", { x: 0, y: top - 16, class: "title" }, title));
  const steps = height > 100 ? 2 : 1;
  for (let step = 0; step <= steps; step++) {
    const value = scale * step / steps;
    const line = Math.round(y(value)) + 0.5;
    chart.append(
      drawing("line", { x1: left, x2: end, y1: line, y2: line, class: step === 0 ? "base" : "grid" }),
      drawing("text", { x: left - 8, y: line + 3.5, "text-anchor": "end", class: "axis" }, shortNumber(value)),
    );
  }
  for (const [index, { points }] of endpoints.entries()) {
    const { colour, dashes } = lineStyle(index);
    const path = pathOf(points, (point) => [x(point.at), y(valueOf(point))]);
    if (path !== "") chart.append(drawing("path", { d: path, class: `line ${colour}`, "stroke-dasharray": dashes }));
    const newest = points.at(-1);
    if (newest === undefined) continue;
    chart.append(drawing("circle", { cx: x(newest.at), cy: y(valueOf(newest)), r: 2.5, class: `dot ${colour}` }));
  }
}

/** A line through the points, with a gap where nobody looked. */
function pathOf(points: readonly RatePoint[], place: (point: RatePoint) => readonly [number, number]): string {
  let path = "";
  let before = -Infinity;
  for (const point of points) {
    const [px, py] = place(point);
    path += `${point.at - before > longestStepMs ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
    before = point.at;
  }
  return path;
}

/** The next number that is not below and whose half is as easy to read. */
function niceCeiling(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}

/** A number in at most four characters or so. */
export function shortNumber(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1_000)}k`;
  if (value === 0 || value >= 100) return String(Math.round(value));
  return String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}
