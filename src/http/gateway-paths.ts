import { MessagingError } from "../errors/messaging-error.ts";
import type { StartPosition } from "../transport/event-store.ts";

const requestSubject = /^([^.]+)\.(v\d+)\.request\.([^.]+)$/;
/** Of an event the contract and the name are given; a parameter may be `*`. */
const eventSubject = /^(([^.*>]+)\.(v\d+)\.event\.)([^.*>]+(?:\.[^.>]+)*)$/;
const namespacedSubject = /^.+\.[^.]+\.v\d+\.(request|event)\.[^.]/;

/** Where to ask for the events of a subject. */
export interface EventsPath {
  /** Path and query. */
  readonly path: string;
  /** What stands in front of an event's own subject field. */
  readonly prefix: string;
  /** The event's name in the contract. */
  readonly event: string;
}

/** The path of a request's subject. @throws {MessagingError} `UNSUPPORTED` for what is no request of a contract */
export function requestPath(subject: string, operation: string): string {
  const [, contract, version, name] = requestSubject.exec(subject) ?? refuse("send to", subject, "request", operation);
  return `/${encodeURIComponent(contract!)}/${version}/${encodeURIComponent(name!)}`;
}

/** The path of an event's subject. @throws {MessagingError} `UNSUPPORTED` for what is no event of a contract */
export function eventsPath(subject: string, queueGroup?: string, from?: StartPosition): EventsPath {
  const [, prefix, contract, version, filter] = eventSubject.exec(subject) ?? refuse("subscribe to", subject, "event");
  if (queueGroup !== undefined) {
    throw unsupported(`Cannot share "${subject}" in a queue group over HTTP: a gateway gives every client every event`);
  }
  const path = `/${encodeURIComponent(contract!)}/${version}/events?filter=${encodeURIComponent(filter!)}` +
    (from === undefined ? "" : `&from=${encodeURIComponent(positionText(from))}`);
  return { path, prefix: prefix!, event: filter!.split(".", 1)[0]! };
}

function positionText(from: StartPosition): string {
  if (typeof from === "string") return from;
  return "time" in from ? from.time.toISOString() : String(from.sequence);
}

/** The error for what a gateway does not offer. */
export function unsupported(reason: string, operation?: string): MessagingError {
  return new MessagingError("UNSUPPORTED", reason, { operation });
}

function refuse(action: string, subject: string, kind: "request" | "event", operation?: string): never {
  throw unsupported(
    `Cannot ${action} "${subject.slice(0, 128)}" over HTTP: ` +
      (namespacedSubject.exec(subject)?.[1] === kind
        ? "a namespace is the gateway's own option, give the client none"
        : "a gateway has the requests and events of contracts for clients, and nothing else; servers are behind it"),
    operation,
  );
}
