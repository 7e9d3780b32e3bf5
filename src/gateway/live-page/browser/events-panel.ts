import { announce } from "./announcer.ts";
import type { ApiEvent } from "./api-document.ts";
import { byId, element } from "./element.ts";
import { EventRows } from "./event-rows.ts";
import { EventWatch, type WatchState } from "./event-watch.ts";
import type { GatewayCalls } from "./gateway-calls.ts";
import { problemView } from "./problem.ts";

/** The panel that watches one event of the contract at a time. */
export class EventsPanel {
  readonly #calls: GatewayCalls;
  readonly #select = byId<HTMLSelectElement>("events-event");
  readonly #parameters = byId("events-parameters");
  readonly #watchButton = byId<HTMLButtonElement>("events-watch");
  readonly #pauseButton = byId<HTMLButtonElement>("events-pause");
  readonly #state = byId("events-state");
  readonly #problem = byId("events-problem");
  readonly #rows: EventRows;
  readonly #events = new Map<string, ApiEvent>();
  #watch: EventWatch | undefined;

  /** The panel of the page; it offers nothing yet. */
  constructor(calls: GatewayCalls) {
    this.#calls = calls;
    const clearButton = byId<HTMLButtonElement>("events-clear");
    this.#rows = new EventRows(byId("events-list"), byId("events-count"), clearButton);
    this.#select.addEventListener("change", () => this.#showParameters());
    clearButton.addEventListener("click", () => this.#rows.clear());
    this.#pauseButton.addEventListener("click", () => this.#pause(!this.#rows.paused));
    this.#watchButton.addEventListener("click", () => {
      if (this.#watch === undefined) this.#start();
      else this.#stop();
    });
    // One text field in a form is enough for Enter to send it, whatever its buttons are.
    byId("events-form").addEventListener("submit", (event) => event.preventDefault());
    this.#parameters.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.#start();
    });
  }

  /** Offers the events of the contracts, by contract. */
  offer(groups: ReadonlyMap<string, readonly ApiEvent[]>): void {
    for (const [label, events] of groups) {
      const group = element("optgroup", { label });
      for (const event of events) {
        this.#events.set(event.key, event);
        group.append(element("option", { value: event.key }, event.name));
      }
      if (events.length > 0) this.#select.append(group);
    }
    this.#select.disabled = this.#watchButton.disabled = this.#events.size === 0;
    if (this.#events.size === 0) this.#show("idle", "this gateway passes no events on");
    this.#showParameters();
  }

  /** Chooses an event, and watches it where nothing is to be filled in. */
  choose(event: ApiEvent): void {
    this.#stop();
    this.#select.value = event.key;
    this.#showParameters();
    this.#start();
    this.#watchButton.focus();
  }

  #showParameters(): void {
    const event = this.#events.get(this.#select.value);
    this.#parameters.replaceChildren(...(event?.parameters ?? []).map((name, index) => {
      const id = `events-parameter-${index}`;
      const input = element("input", { id, name, placeholder: "any", spellcheck: "false", autocapitalize: "off" });
      return element("div", { class: "field" }, element("label", { for: id }, name), input);
    }));
    if (this.#watch !== undefined) this.#start();
  }

  #start(): void {
    this.#watch?.stop();
    const event = this.#events.get(this.#select.value);
    if (event === undefined) return;
    const query = new URLSearchParams({ name: event.name });
    for (const input of this.#parameters.querySelectorAll("input")) {
      if (input.value.trim() !== "") query.set(input.name, input.value.trim());
    }
    this.#watchButton.textContent = "Stop";
    this.#pauseButton.disabled = false;
    this.#watch = new EventWatch(this.#calls, `${event.path}?${query}`, {
      onState: (state) => this.#showState(state),
      onEvent: (frame) => this.#rows.add(frame),
      onGap: () => this.#rows.note("Events may have been missed here"),
    });
  }

  #stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#watchButton.textContent = "Watch";
    this.#pause(false);
    this.#pauseButton.disabled = true;
    this.#problem.replaceChildren();
    this.#show("idle", "not watching");
  }

  #pause(paused: boolean): void {
    this.#rows.pause(paused);
    this.#pauseButton.setAttribute("aria-pressed", String(paused));
  }

  #showState(state: WatchState): void {
    this.#problem.replaceChildren();
    if (state.kind === "connecting") return this.#show("waiting", "connecting");
    if (state.kind === "watching") return this.#show("good", "watching");
    if (state.kind === "waiting") {
      const seconds = Math.max(1, Math.round(state.delayMs / 1_000));
      return this.#show("waiting", `lost, trying again in ${seconds} s`);
    }
    this.#stop();
    this.#show("bad", `refused: ${state.problem.code}`);
    this.#problem.replaceChildren(problemView(state.problem));
    announce(state.problem.detail);
  }

  #show(kind: string, text: string): void {
    this.#state.dataset.kind = kind;
    this.#state.textContent = text;
  }
}
