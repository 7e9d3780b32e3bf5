import { announce } from "./announcer.ts";
import { element } from "./element.ts";
import type { EventFrame } from "./event-frames.ts";
import { jsonView } from "./json-view.ts";

const maximumRows = 200;
const longestLine = 240;
/** So often at most those who do not see the list are told of it, in milliseconds. */
const announceEveryMs = 5_000;

/** The list of what came, the newest first: bounded, drawn once for each frame of the screen. */
export class EventRows {
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #clearButton: HTMLButtonElement;
  /** Came, and not drawn yet; the newest last. */
  #waiting: HTMLLIElement[] = [];
  #received = 0;
  #unannounced = 0;
  #paused = false;
  #drawQueued = false;
  #announceTimer: ReturnType<typeof setTimeout> | undefined;

  /** A list in these elements. */
  constructor(list: HTMLElement, count: HTMLElement, clearButton: HTMLButtonElement) {
    this.#list = list;
    this.#count = count;
    this.#clearButton = clearButton;
  }

  /** Whether what comes is held back. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Shows an event. */
  add(frame: EventFrame): void {
    this.#received += 1;
    this.#unannounced += 1;
    this.#push(eventRow(frame, new Date()));
    this.#announceTimer ??= setTimeout(() => {
      this.#announceTimer = undefined;
      announce(`${this.#unannounced} new ${this.#unannounced === 1 ? "event" : "events"}`);
      this.#unannounced = 0;
    }, announceEveryMs);
  }

  /** Shows what the page has to say of the stream. */
  note(text: string): void {
    this.#push(element("li", { class: "note" }, text));
  }

  /** Holds back what comes, or shows what was held back. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#queueDraw();
  }

  /** Forgets all that came. */
  clear(): void {
    this.#waiting = [];
    this.#received = 0;
    this.#list.replaceChildren();
    this.#queueDraw();
  }

  #push(row: HTMLLIElement): void {
    this.#waiting.push(row);
    if (this.#waiting.length > maximumRows) this.#waiting.shift();
    this.#queueDraw();
  }

  #queueDraw(): void {
    if (this.#drawQueued) return;
    this.#drawQueued = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#drawQueued = false;
    if (!this.#paused) {
      this.#list.prepend(...this.#waiting.reverse());
      this.#waiting = [];
      while (this.#list.childElementCount > maximumRows) this.#list.lastElementChild!.remove();
    }
    const held = this.#paused ? `, ${this.#waiting.length} held back` : "";
    this.#count.textContent = this.#received === 0 ? held.slice(2) : `${this.#received} received${held}`;
    this.#clearButton.disabled = this.#list.childElementCount === 0 && this.#waiting.length === 0;
  }
}

function eventRow({ name, subject, headers, data }: EventFrame, at: Date): HTMLLIElement {
  const time = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  const line = data.length > longestLine ? `${data.slice(0, longestLine)}…` : data;
  const details = element(
    "details",
    {},
    element(
      "summary",
      {},
      element("time", { datetime: at.toISOString() }, time),
      element("span", { class: "subject", title: name }, subject),
      element("code", {}, line === "" ? "no body" : line),
    ),
  );
  // Most are never opened.
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    if (headers.length > 0) details.append(element("pre", { class: "quiet" }, headers.join("\n")));
    if (data !== "") details.append(jsonView(data));
  });
  return element("li", {}, details);
}
