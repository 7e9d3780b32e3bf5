import { MessagingError } from "../../errors/messaging-error.ts";
import { MessageHeaders } from "../../message/message-headers.ts";
import type { StoredAcknowledgement, StoreMessageOptions } from "../../transport/event-store.ts";
import type { AbortListeners } from "../../transport/abort-listeners.ts";
import type { Clock } from "../../transport/clock.ts";
import { pause } from "../../transport/pause.ts";
import { reconnectDelayMs } from "../../transport/reconnect-delay.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import type { StreamApi } from "./stream-api.ts";
import { passesByItself } from "./stream-api-error.ts";
import { longestLookMs, type StreamPresence } from "./stream-presence.ts";
import { readStoredAcknowledgement } from "./stored-acknowledgement.ts";

/** An attempt that nobody answers is given up after this time: its answer may have been lost with its leader. */
const attemptMs = 2_000;
/** So long nobody may be there before it is asked why, in milliseconds: a stream may be made just now. */
const nobodyMs = 500;
/** The same, where this connection may not ask: between two leaders nobody is there, and soon somebody is. */
const unknownMs = 2_000;

/** What messages are stored through. */
export interface Storing {
  /** Where. */
  readonly streams: BrokerStreams;
  /** Gives ids to requests. */
  readonly api: StreamApi;
  /** Whether a stream is there that nobody answers for. */
  readonly presence: StreamPresence;
  /** Aborts when the connection is left: trying again is of no use then. */
  readonly closing: AbortSignal;
  /** Listens to signals that many wait on. */
  readonly aborts: AbortListeners;
}

/** Stores a message, with the same id again until it is known to be stored, within the deadline. */
export async function storeMessage(
  { streams, api, presence, closing, aborts }: Storing,
  subject: string,
  body: Uint8Array,
  options: StoreMessageOptions,
): Promise<StoredAcknowledgement> {
  const { stream, messageId, operation, timeoutMs, signal } = options;
  const headers = storedHeaders(options.headers, messageId, stream);
  const { clock, connection } = streams;
  const endsAt = clock.now() + timeoutMs;
  // One that was sent and not acknowledged may be stored, whatever became of those behind it.
  let maybeStored = false;
  let nobodySince: number | undefined;
  for (let attempt = 0;; attempt++) {
    try {
      return await connection.request(subject, body, {
        requestId: api.nextRequestId(),
        timeoutMs: Math.min(attempt === 0 ? timeoutMs : endsAt - clock.now(), attemptMs),
        operation,
        headers,
        signal,
        read: (message) => readStoredAcknowledgement(message.body, stream, operation),
      });
    } catch (thrown) {
      const error = thrown as MessagingError;
      const fail = (why: MessagingError): MessagingError => finalError(why, options, maybeStored);
      if (error.code !== "NO_RESPONDERS") nobodySince = undefined;
      else if (await isHopeless(clock.now() - (nobodySince ??= clock.now()), endsAt - clock.now(), presence, options)) {
        throw fail(error);
      }
      if (error.execution !== "not-executed") maybeStored = true;
      const delayMs = Math.max(20, reconnectDelayMs(attempt + 1, clock));
      if (!mayPass(error) || closing.aborted || clock.now() + delayMs >= endsAt) throw fail(error);
      await pauseUnlessAborted(aborts, clock, delayMs, [signal, closing]);
      if (signal?.aborted) throw fail(new MessagingError("CANCELLED", `Cannot store "${operation}": it was cancelled`));
    }
  }
}

/** Waits, at most until one of the signals aborts, on which all others wait too that could not be stored. */
async function pauseUnlessAborted(
  aborts: AbortListeners,
  clock: Clock,
  delayMs: number,
  signals: readonly (AbortSignal | undefined)[],
): Promise<void> {
  const waking = new AbortController();
  const stops = signals.map((signal) => signal && aborts.listen(signal, () => waking.abort()));
  await pause(clock, delayMs, waking.signal);
  for (const stop of stops) stop?.();
}

/** Whether nobody is there for good: a stream between two leaders is there, and nobody answers for it. */
async function isHopeless(
  nobodyForMs: number,
  leftMs: number,
  presence: StreamPresence,
  { stream, timeoutMs }: StoreMessageOptions,
): Promise<boolean> {
  // Looking takes time, too.
  if (nobodyForMs < Math.min(nobodyMs, timeoutMs / 3) || leftMs < longestLookMs) return false;
  const seen = await presence.look(stream);
  return seen === "gone" || (seen === "unknown" && nobodyForMs >= Math.min(unknownMs, timeoutMs / 3));
}

/** Printable ASCII without spaces, as it stands in a header line. */
const soundMessageId = /^[\x21-\x7e]{1,512}$/;
const ownNames = new Set(["nats-msg-id", "nats-expected-stream"]);

/** New ones for each message: what they are added to is the caller's, and an id that stays there would drop the next one. */
function storedHeaders(given: MessageHeaders | undefined, messageId: string, stream: string): MessageHeaders {
  if (!soundMessageId.test(messageId)) {
    throw new MessagingError(
      "INVALID_REQUEST",
      "A message id is 1 to 512 characters of printable ASCII without spaces",
    );
  }
  const entries: (readonly [string, string])[] = [["Nats-Msg-Id", messageId], ["Nats-Expected-Stream", stream]];
  for (const entry of given ?? []) if (!ownNames.has(entry[0].toLowerCase())) entries.push(entry);
  return MessageHeaders.fromTrusted(entries);
}

function mayPass(error: MessagingError): boolean {
  const { code, data } = error;
  if (code === "TIMEOUT" || code === "NO_RESPONDERS" || code === "DISCONNECTED") return true;
  // Without the broker's own word it is this connection that does not keep up; a stream that is full stays full.
  return code === "BUSY" && (data === undefined || passesByItself(error));
}

function finalError(
  error: MessagingError,
  { operation, stream, timeoutMs }: StoreMessageOptions,
  maybeStored: boolean,
): MessagingError {
  const { code, message } = error;
  const text = code === "NO_RESPONDERS"
    ? `no stream takes it; "${stream}" is not there`
    : code === "TIMEOUT"
    ? `stream "${stream}" did not acknowledge it within ${Math.round(timeoutMs)} ms`
    : undefined;
  return new MessagingError(code, text === undefined ? message : `Cannot store "${operation}": ${text}`, {
    operation,
    execution: maybeStored ? "unknown" : error.execution,
    data: error.data,
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}
