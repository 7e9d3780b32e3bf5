import { byId, drawing, element } from "./element.ts";
import type { GatewayCalls } from "./gateway-calls.ts";
import { drawChart, lineStyle, maximumLines, shortNumber } from "./statistics-chart.ts";
import { type EndpointHistory, StatisticsHistory } from "./statistics-history.ts";

const everyMs = 2_000;
const mostInstancesNamed = 6;

/** The panel that asks the gateway for its services' statistics while somebody looks. */
export class StatisticsPanel {
  readonly #calls: GatewayCalls;
  readonly #history = new StatisticsHistory();
  readonly #chart = byId("statistics-chart");
  readonly #rows = byId("statistics-rows");
  readonly #state = byId("statistics-state");
  readonly #instances = byId("statistics-instances");
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;

  /** Asks at once, and again and again. */
  constructor(calls: GatewayCalls) {
    this.#calls = calls;
    document.addEventListener("visibilitychange", () => this.#askNow());
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
    this.#askNow();
  }

  /** Asks without waiting for the next time, where the page is seen and no question is open. */
  #askNow(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible" && !this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const { status, body, problem } = await this.#calls.get("statistics");
    this.#asking = false;
    if (status === 404) {
      byId("statistics").classList.add("off");
      return this.#show("idle", "switched off at this gateway");
    }
    if (problem !== undefined) {
      this.#show("bad", `${problem.code}: ${problem.detail}`);
    } else {
      this.#take(body);
    }
    this.#timer = setTimeout(() => this.#askNow(), everyMs);
  }

  #take(body: string): void {
    try {
      this.#history.add(body);
      this.#show("good", "live, every 2 s");
    } catch (error) {
      this.#show("bad", `The statistics cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#draw();
  }

  #draw(): void {
    const { at } = this.#history;
    if (at === undefined) return;
    const endpoints = sorted(this.#history.endpoints);
    const drawn = endpoints.slice(0, maximumLines);
    this.#chart.replaceChildren(drawChart(drawn, at, Math.round(this.#chart.clientWidth)));
    this.#rows.replaceChildren(...endpoints.map((endpoint, index) => row(endpoint, index < drawn.length ? index : -1)));
    const { instances } = this.#history;
    const named = instances.slice(0, mostInstancesNamed).map(({ contract, id, version, started }) =>
      `${contract} ${version} ${id} since ${new Date(started).toLocaleTimeString()}`
    );
    const more = instances.length > named.length ? `, and ${instances.length - named.length} more` : "";
    this.#instances.textContent = instances.length === 0
      ? "No service answered"
      : `Running: ${named.join("; ")}${more}`;
  }

  #show(kind: string, text: string): void {
    this.#state.dataset.kind = kind;
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }
}

/** Those that a chart has no room for are those that do least. */
function sorted(endpoints: readonly EndpointHistory[]): readonly EndpointHistory[] {
  if (endpoints.length <= maximumLines) return endpoints;
  return [...endpoints].sort((one, other) => other.requests - one.requests);
}

function row(endpoint: EndpointHistory, line: number): HTMLTableRowElement {
  const { contract, name, instances, requests, errors, averageProcessingMs, points } = endpoint;
  const rate = points.at(-1)?.requestsPerSecond;
  const number = (text: string, more = ""): HTMLTableCellElement => element("td", { class: `number${more}` }, text);
  const head = element("th", { scope: "row" });
  if (line >= 0) head.append(swatch(line));
  head.append(element("code", {}, name), " ", element("span", { class: "quiet" }, contract));
  return element(
    "tr",
    {},
    head,
    number(String(instances)),
    number(requests.toLocaleString("en")),
    number(rate === undefined ? "–" : shortNumber(rate)),
    number(errors.toLocaleString("en"), errors > 0 ? " failed" : ""),
    number(`${shortNumber(averageProcessingMs)} ms`),
  );
}

function swatch(line: number): SVGSVGElement {
  const { colour, dashes } = lineStyle(line);
  return drawing(
    "svg",
    { class: "swatch", width: 22, height: 10, viewBox: "0 0 22 10", "aria-hidden": "true" },
    drawing("line", { x1: 0, x2: 22, y1: 5, y2: 5, class: `line ${colour}`, "stroke-dasharray": dashes }),
  );
}
