import { MessagingError } from "../../errors/messaging-error.ts";
import type { Delivery } from "../../transport/event-store.ts";
import type { TransportConnection, TransportMessage } from "../../transport/transport.ts";
import type { Clock } from "../../transport/clock.ts";
import { pause } from "../../transport/pause.ts";
import { isAtLeast } from "./broker-version.ts";
import type { DeliverySubject } from "./delivery-subject.ts";

/** What a delivery is settled through. */
export interface Settling {
  /** Where it says so. */
  readonly connection: TransportConnection;
  /** Time. */
  readonly clock: Clock;
  /** How long a delivery may take to be settled, in milliseconds. */
  readonly ackWaitMs: number;
  /** The broker's version. */
  readonly brokerVersion: string;
  /** Ends attempts to tell the broker. */
  readonly signal: AbortSignal;
  /** The broker is being told what became of it. Called once. */
  readonly onTold: (delivery: StreamDelivery) => void;
  /** The broker knows, or will never be told. Called once. */
  readonly onSettled: (delivery: StreamDelivery) => void;
}

/** So long one is tried to be settled through outages: later the broker has given it to somebody else. */
const longestSettlingMs = 10_000;
const pauseMs = 50;
const encoder = new TextEncoder();
const acknowledged = encoder.encode("+ACK");
const inProgress = encoder.encode("+WPI");
/** Of a pinned consumer's messages, at the end of their headers: the broker's, not the publisher's. */
const pinLine = "\r\nNats-Pin-Id: ";
const versionLength = "NATS/1.0".length;
const decoder = new TextDecoder();

/** A message of a consumer, until it is settled. */
export class StreamDelivery implements Delivery {
  readonly subject: string;
  readonly headerBlock: Uint8Array | undefined;
  readonly body: Uint8Array;
  readonly sequence: number;
  readonly publishedAt: number;
  readonly deliveries: number;
  /** When it came. */
  readonly arrivedAt: number;
  /** Which pin it came by, of a consumer that has one client at a time. */
  readonly pinId: string | undefined;
  readonly #settling: Settling;
  readonly #replySubject: string;
  #outcome: Promise<void> | undefined;
  #isDone = false;

  /** Keeps the message's bytes: those that came are good in this turn only. */
  constructor(message: TransportMessage, found: DeliverySubject, exclusive: boolean, settling: Settling) {
    this.subject = message.subject;
    const own = exclusive ? withoutPin(message.headerBlock) : undefined;
    this.headerBlock = own === undefined ? message.headerBlock?.slice() : own.headerBlock;
    this.pinId = own?.pinId;
    this.body = message.body.slice();
    this.sequence = found.sequence;
    this.publishedAt = found.publishedAt;
    this.deliveries = found.deliveries;
    this.#replySubject = message.replySubject!;
    this.#settling = settling;
    this.arrivedAt = settling.clock.now();
  }

  /** Whether it is to come no more. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** It is done. */
  acknowledge(): Promise<void> {
    this.#isDone ||= this.#outcome === undefined;
    return this.#settle(acknowledged);
  }

  /** It is to come again after so many milliseconds. */
  retryLater(delayMs: number): Promise<void> {
    const delay = Math.max(0, Math.round(delayMs * 1e6));
    return this.#settle(encoder.encode(delay === 0 ? "-NAK" : `-NAK {"delay":${delay}}`));
  }

  /** It is to come no more. */
  discard(reason: string): Promise<void> {
    this.#isDone ||= this.#outcome === undefined;
    const said = isAtLeast(this.#settling.brokerVersion, "2.11.0") ? ` ${printable(reason)}` : "";
    return this.#settle(encoder.encode(`+TERM${said}`));
  }

  /** Its time to be settled in starts again. */
  keepAlive(): void {
    if (this.#outcome !== undefined) return;
    try {
      this.#settling.connection.send(this.#replySubject, inProgress);
    } catch {
      // The connection is away or closed: it comes again if that lasts.
    }
  }

  /** The first word counts, and what became of it is what became of all. */
  #settle(word: Uint8Array): Promise<void> {
    return this.#outcome ??= this.#tell(word);
  }

  async #tell(word: Uint8Array): Promise<void> {
    const { connection, clock, ackWaitMs, onTold, onSettled } = this.#settling;
    const limitMs = Math.min(ackWaitMs, longestSettlingMs);
    const startedAt = clock.now();
    const told = connection.publish(this.#replySubject, word, this.#publishOptions(limitMs));
    // Behind it in the same bytes, so that the broker knows of it before it is asked for more.
    onTold(this);
    try {
      await told;
    } catch (error) {
      await this.#settleAgain(word, startedAt + limitMs, error as MessagingError);
    } finally {
      onSettled(this);
    }
  }

  /** The broker may have read it: saying it twice does no harm. */
  async #settleAgain(word: Uint8Array, endsAt: number, first: MessagingError): Promise<void> {
    const { connection, clock, signal } = this.#settling;
    let error = first;
    while (!signal.aborted && (error.code === "DISCONNECTED" || error.code === "BUSY")) {
      // Without the signal: more wait at once than may listen to one.
      await pause(clock, pauseMs);
      const leftMs = endsAt - clock.now();
      if (leftMs <= 0) break;
      try {
        return await connection.publish(this.#replySubject, word, this.#publishOptions(leftMs));
      } catch (thrown) {
        error = thrown as MessagingError;
      }
    }
    throw new MessagingError(
      error.code,
      `The broker may not know what became of message ${this.sequence}: ${error.message}`,
      {
        cause: error,
      },
    );
  }

  #publishOptions(timeoutMs: number): { timeoutMs: number; operation: string } {
    return { timeoutMs, operation: "acknowledgement" };
  }
}

function withoutPin(
  headerBlock: Uint8Array | undefined,
): { headerBlock: Uint8Array | undefined; pinId: string | undefined } {
  if (headerBlock === undefined) return { headerBlock, pinId: undefined };
  const text = decoder.decode(headerBlock);
  const at = text.lastIndexOf(pinLine);
  if (at < 0) return { headerBlock: headerBlock.slice(), pinId: undefined };
  const line = text.slice(at, text.indexOf("\r\n", at + 2));
  // Counted from the end, where all is ASCII: a publisher's header may be no UTF-8.
  const start = headerBlock.length - (text.length - at);
  const rest = new Uint8Array(headerBlock.length - line.length);
  rest.set(headerBlock.subarray(0, start));
  rest.set(headerBlock.subarray(start + line.length), start);
  // The broker makes a block for its own line where there was none.
  return { headerBlock: at === versionLength ? undefined : rest, pinId: line.slice(pinLine.length) };
}

function printable(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, "?").slice(0, 128);
}
