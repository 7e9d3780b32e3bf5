import { forbidden } from "../contract/access-check.ts";
import type { VerifiedActor } from "../contract/actor.ts";
import { actorExpiry } from "../contract/actor-expiry.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { type EdgeAccess, isDenial, type WantedOperation } from "./edge-access.ts";
import type { EdgeCall } from "./edge-call.ts";
import { EdgeRefusal, stoppingRefusal } from "./edge-refusal.ts";
import { readyFrame, resetFrame } from "./event-frame.ts";
import type { EventHub } from "./event-hub.ts";
import { type EventSelection, selectEvent } from "./event-selection.ts";
import type { AuthorizeEvents } from "./gateway-options.ts";
import type { EventTarget } from "./route-table.ts";
import { streamStart } from "./stream-start.ts";
import type { StreamWriter } from "./stream-writer.ts";
import type { ToldErrors } from "./told-errors.ts";

/** What an event opener is made of. */
export interface EventOpenerOptions {
  readonly connection: () => TransportConnection | Promise<TransportConnection>;
  readonly access: EdgeAccess;
  readonly authorizeEvents: AuthorizeEvents | undefined;
  readonly hub: EventHub;
  readonly told: ToldErrors;
  readonly clock: Clock;
  /** Whether the gateway takes no more. */
  readonly isStopping: () => boolean;
}

/** Opens event streams: who may listen, to what, and since when. */
export class EventOpener {
  readonly #options: EventOpenerOptions;

  /** For one gateway. */
  constructor(options: EventOpenerOptions) {
    this.#options = options;
  }

  /**
   * Opens the stream that a call asks for, once the broker has confirmed that it sends the events.
   *
   * @throws {EdgeRefusal} for what the gateway does not take
   * @throws {MessagingError} what the caller is told
   */
  async open(call: EdgeCall, events: ReadonlyMap<string, EventTarget>): Promise<ReadableStream<Uint8Array>> {
    const { access, hub, told, connection, clock, isStopping } = this.#options;
    const selection = selectEvent(events, call.target.query);
    const { target: { contract, operation, counts }, subject } = selection;
    const start = streamStart(operation, call.headers.lastEventId, selection.from);
    call.deadline = call.startedAt + defaultTimeoutMs;
    call.counts = counts;
    call.operation = operation.name;
    const wanted: WantedOperation = { contract, operation, subject, requestId: "" };
    const { actor, token, identity } = await access.admit(call, wanted);
    await this.#authorize(selection, actor);
    const expiresAt = actorExpiry(actor);
    if (expiresAt <= clock.date()) {
      throw new MessagingError("UNAUTHENTICATED", "The caller's credentials have expired", {
        operation: operation.name,
      });
    }
    // Live events are not stored: none of them can be told again.
    const frames = start.resumes && operation.durable === undefined
      ? [readyFrame, resetFrame("Events are not stored, and those since the last one may be missing")]
      : [readyFrame];
    const verify = (): Promise<MessagingError | undefined> => this.#verify(selection, wanted, token);
    call.forwarded = true;
    let stream: StreamWriter | undefined;
    try {
      const joined = await connection();
      if (isStopping()) throw stoppingRefusal();
      const opened = hub.open(joined, selection, { identity, expiresAt, start, frames, verify });
      stream = opened.stream;
      call.abandon = () => opened.stream.cancel();
      await opened.ready;
      if (call.request.signal.aborted) throw left(operation.name);
    } catch (thrown) {
      stream?.cancel();
      throw thrown instanceof EdgeRefusal ? thrown : told.ofConnection(thrown, operation.name);
    }
    return stream.readable();
  }

  async #authorize({ target, params }: EventSelection, actor: VerifiedActor): Promise<void> {
    const { authorizeEvents } = this.#options;
    if (authorizeEvents === undefined) return;
    const { contract, operation } = target;
    const subscription = { contract: contract.name, operation: operation.name, params, actor };
    if (!await authorizeEvents(subscription)) throw forbidden(operation);
  }

  /** Why the caller may no longer listen. What else goes wrong ends no stream: it is no word about the caller. */
  async #verify(
    selection: EventSelection,
    wanted: WantedOperation,
    token: string | undefined,
  ): Promise<MessagingError | undefined> {
    try {
      await this.#authorize(selection, await this.#options.access.verify(wanted, token));
    } catch (thrown) {
      if (isDenial(thrown)) return thrown as MessagingError;
      this.#options.told.ofProgram(thrown, wanted.operation.name);
    }
    return undefined;
  }
}

function left(operation: string): MessagingError {
  return new MessagingError("CANCELLED", "The caller left before its stream was open", {
    operation,
    execution: "not-executed",
  });
}
