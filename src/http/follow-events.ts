import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { raceAbort } from "../transport/race-abort.ts";
import type { TransportSubscribeOptions } from "../transport/transport.ts";
import { callGateway, type GatewayCaller } from "./call-gateway.ts";
import type { EventReader } from "./event-reader.ts";
import type { EventsPath } from "./gateway-paths.ts";
import { refusePlaintextToken } from "./gateway-address.ts";
import { readBody, readChunks } from "./read-body.ts";
import { hasMediaType, maximumRefusalBytes, refusalOf } from "./refusal.ts";
import { superviseCall } from "./supervise-call.ts";

/** What one stream is followed with. */
export interface FollowEventsOptions extends Pick<EventsPath, "path" | "event"> {
  /** Whom to ask. */
  readonly caller: GatewayCaller;
  /** For error texts. */
  readonly subject: string;
  /** Who asks. */
  readonly token: TransportSubscribeOptions["token"];
  /** How long token and answer may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long the stream may be silent, in milliseconds. */
  readonly staleAfterMs: number;
  /** Time. */
  readonly clock: Clock;
  /** Takes the bytes; knows where the stream stood. */
  readonly reader: EventReader;
  /** Resolves when more can be taken; absent where it always can. */
  readonly room?: (() => Promise<void> | undefined) | undefined;
  /** The gateway has answered: from here on events come. */
  readonly onLive: () => void;
}

/**
 * Opens one event stream and reads it until it ends, which is always an error.
 *
 * @throws {MessagingError} what the gateway refused it with, `UNAUTHENTICATED` without a token, `DISCONNECTED`
 */
export function followEvents(options: FollowEventsOptions, ending: AbortSignal): Promise<never> {
  const { caller, path, subject, event: operation, connectTimeoutMs, staleAfterMs, clock, reader, room, onLive } =
    options;
  const what = `The subscription to "${subject}"`;
  return superviseCall({ caller, clock, what, operation, ending }, async ({ signal, allowSilence, heard }) => {
    allowSilence(connectTimeoutMs);
    const headers = await streamFields(options, what, signal);
    const response = await callGateway(caller, path, { headers }, signal);
    if (response.status !== 200 || !hasMediaType(response, "text/event-stream")) {
      const body = await readBody(response, signal, maximumRefusalBytes) ?? new Uint8Array(0);
      throw refusalOf(response, body, { what, operation, clock });
    }
    allowSilence(staleAfterMs);
    onLive();
    await readChunks(response, signal, async (chunk) => {
      heard();
      reader.read(chunk);
      await room?.();
      return true;
    });
    throw new MessagingError("DISCONNECTED", `${what} was cut off`, { operation });
  });
}

async function streamFields(options: FollowEventsOptions, what: string, signal: AbortSignal): Promise<Headers> {
  const { caller, token, reader, event } = options;
  const fields = new Headers({ Accept: "text/event-stream" });
  if (reader.lastEventId !== undefined) fields.set("Last-Event-ID", reader.lastEventId);
  if (token !== undefined) {
    refusePlaintextToken(what, caller.address, event);
    const bearer = await raceAbort(bearerOf(token, what, event), signal, (reason) => reason);
    fields.set("Authorization", `Bearer ${bearer}`);
  }
  return fields;
}

async function bearerOf(token: GivenToken, what: string, operation: string): Promise<string> {
  let given: unknown;
  let cause: unknown;
  try {
    given = typeof token === "function" ? await token() : token;
  } catch (error) {
    cause = error;
  }
  if (typeof given === "string" && /^[\x21-\x7e]+$/.test(given)) return given;
  // Where it comes from may be back in a moment.
  throw new MessagingError(
    "UNAUTHENTICATED",
    `${what} was not sent: it has no token of printable ASCII without spaces`,
    {
      operation,
      cause,
      retryable: true,
    },
  );
}

type GivenToken = NonNullable<TransportSubscribeOptions["token"]>;
