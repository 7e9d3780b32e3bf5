import { type EventFrame, EventFrames } from "./event-frames.ts";
import type { GatewayCalls } from "./gateway-calls.ts";
import { type Problem, readProblem, unreachable } from "./problem.ts";

/** How a stream is doing. */
export type WatchState =
  | { readonly kind: "connecting" }
  | { readonly kind: "watching" }
  | { readonly kind: "waiting"; readonly problem: Problem; readonly delayMs: number }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Who hears of a stream. */
export interface WatchListener {
  /** Its state changed. */
  onState(state: WatchState): void;
  /** An event came. */
  onEvent(frame: EventFrame): void;
  /** Events between two connections were not heard. */
  onGap(): void;
}

/** The gateway says something every 15 s; a stream that is silent for longer than three times that is dead. */
const silenceMs = 45_000;
const longestDelayMs = 30_000;
const streamEnded: Problem = { status: 0, code: "LOST", detail: "The stream ended" };

/** One stream of events, which comes back by itself until it is refused or stopped. */
export class EventWatch {
  readonly #calls: GatewayCalls;
  readonly #path: string;
  readonly #listener: WatchListener;
  readonly #ending = new AbortController();
  #lastId = "";
  #attempts = 0;

  /** Starts at once. */
  constructor(calls: GatewayCalls, path: string, listener: WatchListener) {
    this.#calls = calls;
    this.#path = path;
    this.#listener = listener;
    void this.#run();
  }

  /** Ends it; nothing is told after that. */
  stop(): void {
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      this.#tell({ kind: "connecting" });
      const problem = await this.#connect().catch(unreachable);
      if (signal.aborted) return;
      if (isFinal(problem)) return this.#tell({ kind: "refused", problem });
      const delayMs = problem.retryAfterMs ?? Math.min(longestDelayMs, 500 * 2 ** this.#attempts);
      this.#attempts += 1;
      this.#tell({ kind: "waiting", problem, delayMs });
      await pause(delayMs, signal);
    }
  }

  /** One connection, from its start to why it ended. */
  async #connect(): Promise<Problem> {
    const connection = new AbortController();
    const end = (): void => connection.abort();
    this.#ending.signal.addEventListener("abort", end, { once: true });
    let silence = setTimeout(end, silenceMs);
    try {
      const resume: Record<string, string> = this.#lastId === "" ? {} : { "Last-Event-ID": this.#lastId };
      const headers = this.#calls.headers({ Accept: "text/event-stream", ...resume });
      const response = await fetch(this.#calls.url(this.#path), {
        headers,
        cache: "no-store",
        signal: connection.signal,
      });
      if (!response.ok || response.body === null) return readProblem(response.status, await response.text());
      this.#attempts = 0;
      this.#tell({ kind: "watching" });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const frames = new EventFrames();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return streamEnded;
        clearTimeout(silence);
        silence = setTimeout(end, silenceMs);
        for (const frame of frames.read(value)) {
          const problem = this.#take(frame);
          if (problem !== undefined) return problem;
        }
      }
    } finally {
      clearTimeout(silence);
      this.#ending.signal.removeEventListener("abort", end);
      // What the stream still holds is not wanted any more.
      end();
    }
  }

  /** Hands an event on; gives why the gateway ends the stream when it says so. */
  #take(frame: EventFrame): Problem | undefined {
    if (this.#ending.signal.aborted) return undefined;
    if (frame.name === "gateway.end") return readProblem(0, frame.data);
    if (frame.name === "gateway.reset") this.#listener.onGap();
    else this.#listener.onEvent(frame);
    if (frame.id !== "") this.#lastId = frame.id;
    return undefined;
  }

  #tell(state: WatchState): void {
    if (!this.#ending.signal.aborted) this.#listener.onState(state);
  }
}

/** Another attempt with the same token and the same wish would end the same way. */
function isFinal({ status, code, retryable }: Problem): boolean {
  if (code === "UNAUTHENTICATED" || code === "FORBIDDEN") return true;
  return status >= 400 && status !== 408 && status !== 429 && status < 500 && retryable !== true || status === 501;
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
