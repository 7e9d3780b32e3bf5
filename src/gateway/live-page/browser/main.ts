import { announce } from "./announcer.ts";
import { type ApiContract, type ApiEvent, type ApiRequest, readApiDocument } from "./api-document.ts";
import { byId, element } from "./element.ts";
import { EventsPanel } from "./events-panel.ts";
import { eventView } from "./event-view.ts";
import { GatewayCalls } from "./gateway-calls.ts";
import { SchemaReader } from "./json-schema.ts";
import { addressOf, markCurrent, showNavigation } from "./navigation.ts";
import { type Problem, problemView } from "./problem.ts";
import { requestView } from "./request-view.ts";
import { StatisticsPanel } from "./statistics-panel.ts";
import { readToken } from "./token-field.ts";

const calls = new GatewayCalls(location, readToken());
const events = new EventsPanel(calls);
new StatisticsPanel(calls);
void showDocument();

async function showDocument(): Promise<void> {
  const { status, body, problem } = await calls.get("openapi.json");
  if (problem !== undefined) return showNoDocument(status, problem);
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return showNoDocument(0, { status, code: "UNREADABLE", detail: "The gateway’s document is no JSON" });
  }
  const { title, subtitle, contracts } = readApiDocument(document);
  byId("title").textContent = globalThis.document.title = title;
  byId("subtitle").textContent = subtitle;
  showNavigation(contracts);
  events.offer(new Map(contracts.map((contract) => [`${contract.name} ${contract.version}`, contract.events])));
  route(contracts, new SchemaReader(document));
}

function showNoDocument(status: number, problem: Problem): void {
  const switchedOff = status === 404;
  const again = element("button", { type: "button" }, "Try again");
  again.addEventListener("click", () => void showDocument());
  byId("operations").replaceChildren();
  byId("operation").replaceChildren(
    element("h2", {}, switchedOff ? "The contract is not shown here" : "The contract cannot be read"),
    switchedOff
      ? element(
        "p",
        { class: "description" },
        "This gateway’s documents are switched off, so the page cannot tell what it offers",
      )
      : problemView(problem),
    element("p", { class: "actions watch" }, again),
  );
}

/** Shows the operation that the page's address names, now and whenever it changes. */
function route(contracts: readonly ApiContract[], schemas: SchemaReader): void {
  const views = new Map<string, () => void>();
  const add = (operation: ApiRequest | ApiEvent, make: () => HTMLElement): void => {
    // Kept with what was typed into it and what was answered.
    let view: HTMLElement | undefined;
    views.set(addressOf(operation), () => {
      byId("operation").replaceChildren(view ??= make());
      markCurrent(operation);
    });
  };
  for (const contract of contracts) {
    for (const request of contract.requests) add(request, () => requestView(request, schemas, calls));
    for (const event of contract.events) add(event, () => eventView(event, schemas, () => events.choose(event)));
  }
  const [first] = views.values();
  if (first === undefined) {
    byId("operation").replaceChildren(element("p", {}, "This gateway’s contracts offer nothing"));
  }
  (views.get(location.hash.slice(1)) ?? first)?.();
  addEventListener("hashchange", () => {
    const show = location.hash === "" ? first : views.get(location.hash.slice(1));
    if (show === undefined) return;
    show();
    const name = byId("operation").querySelector<HTMLElement>(".operation-name")!;
    name.focus();
    announce(`${name.textContent} is shown`);
  });
}
