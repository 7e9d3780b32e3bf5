import type { ResponseHeaders } from "./cors-policy.ts";
import type { RateHeaders } from "./caller-limits.ts";
import type { EdgeHeaders } from "./edge-headers.ts";
import { EdgeRefusal, type EdgeRefusalOptions } from "./edge-refusal.ts";
import type { OperationCounts } from "./gateway-metrics.ts";
import type { RequestTarget } from "./request-target.ts";
import type { Swept } from "./sweeper.ts";

/** How far the reading of a body is. */
export interface BodyProgress {
  readonly startedAt: number;
  lastAt: number;
  readonly idleMs: number;
  readonly totalMs: number;
  /** Ends the reading. */
  readonly cancel: () => void;
}

/** What the access log calls a path that is none: anybody could write anything there. */
export const unmatchedRoute = "unmatched";

const noCors: ResponseHeaders = Object.freeze({});

/** How a call ends. */
export type CallOutcome = { readonly response: Response } | { readonly thrown: unknown };

/** One HTTP request from its arrival to its one answer, whichever comes first: the work's, or that time is over. */
export class EdgeCall implements Swept {
  readonly request: Request;
  /** What the HTTP server passed beside the request. */
  readonly platform: unknown;
  readonly target: RequestTarget;
  readonly startedAt: number;
  /** When an answer is due, on the clock's scale. */
  deadline: number = Infinity;
  /** What the access log calls the path. */
  route: string = unmatchedRoute;
  /** The operation's name, once known. */
  operation: string | undefined;
  /** Where it is counted, once known. */
  counts: OperationCounts | undefined;
  /** Who asks, once verified. */
  actorId: string | undefined;
  /** Where it comes from, where that is known. */
  address: string | undefined;
  /** Set before anything is refused for what stands in them. */
  headers!: EdgeHeaders;
  cors: ResponseHeaders = noCors;
  readonly rate: RateHeaders = { policy: "", state: "" };
  body: BodyProgress | undefined;
  /** Whether it counts as under way. */
  inFlight = false;
  /** Whether it has gone as far as to its service: what fails then has been put in a caller's words already. */
  forwarded = false;
  /** Gives up what was begun for it behind the gateway: nobody waits for it any longer. */
  abandon: (() => void) | undefined;
  readonly #settle: (outcome: CallOutcome) => void;
  #answered = false;
  #hearsLeaving = false;
  #stopHearing: (() => void) | undefined;

  /** `settle` gets the answer, or what was thrown instead of one; once. */
  constructor(
    request: Request,
    platform: unknown,
    target: RequestTarget,
    startedAt: number,
    settle: (outcome: CallOutcome) => void,
  ) {
    this.request = request;
    this.platform = platform;
    this.target = target;
    this.startedAt = startedAt;
    this.#settle = settle;
  }

  /** Whether it has its answer: what still runs for it is of no use. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Answers, unless it was answered. */
  settle(outcome: CallOutcome): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopHearing?.();
    this.#settle(outcome);
  }

  /** Ends what takes too long, and what nobody waits for. */
  sweep(now: number): void {
    const { body } = this;
    if (body !== undefined && (now - body.lastAt > body.idleMs || now - body.startedAt > body.totalMs)) {
      this.#end("TIMEOUT", "The body of the request did not come in time", { reason: "body-time", status: 408 });
      body.cancel();
    } else if (now > this.deadline) {
      this.#end("TIMEOUT", "The request was not done in time", { reason: "deadline" });
    } else if (!this.#hearsLeaving) {
      this.#hearLeaving(this.request.signal);
    }
  }

  /**
   * The signal is asked for only once a call has lasted: servers make it when it is first read, which takes longer than
   * all else that is done for a call, and most calls end before. What hears it has to be taken back: Node's `Request` holds
   * on to its signal until nobody has the request any more, and whoever hears the signal has it.
   */
  #hearLeaving(signal: AbortSignal): void {
    this.#hearsLeaving = true;
    const left = (): void => this.#end("CANCELLED", "The caller left", { reason: "left" });
    if (signal.aborted) return left();
    signal.addEventListener("abort", left, { once: true });
    this.#stopHearing = () => signal.removeEventListener("abort", left);
  }

  #end(code: "TIMEOUT" | "CANCELLED", text: string, options: EdgeRefusalOptions): void {
    if (this.#answered) return;
    const execution = this.forwarded ? "unknown" : "not-executed";
    this.settle({ thrown: new EdgeRefusal(code, text, { ...options, execution }) });
    this.abandon?.();
  }
}
