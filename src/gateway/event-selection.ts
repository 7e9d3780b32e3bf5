import { MessagingError } from "../errors/messaging-error.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import type { EventTarget } from "./route-table.ts";

/** What a stream shows: one event of a contract, with the subject parameters that are fixed. */
export interface EventSelection {
  readonly target: EventTarget;
  readonly params: Readonly<Record<string, string>>;
  /** What is listened to, with the namespace. */
  readonly subject: string;
}

/**
 * Reads what a stream shall show from its query: `name` and parameters by their names, or `filter` with the subject
 * behind `.event.`, escaped as it travels, `*` for a parameter that is open.
 *
 * @throws {EdgeRefusal} for an event that the contract does not name
 * @throws {MessagingError} `INVALID_EVENT` for parameters that the event does not have
 */
export function selectEvent(events: ReadonlyMap<string, EventTarget>, query: string): EventSelection {
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (given.has(name)) throw invalid(`The query names "${name.slice(0, 128)}" twice`);
    given.set(name, value);
  }
  const name = given.get("name");
  const filter = given.get("filter");
  if ((name === undefined) === (filter === undefined)) throw invalid("Either name or filter is wanted in the query");
  if (filter === undefined) {
    given.delete("name");
    return selectByName(events, name!, given);
  }
  if (given.size > 1) throw invalid("Nothing is wanted in the query beside filter");
  return selectByFilter(events, filter);
}

function selectByName(
  events: ReadonlyMap<string, EventTarget>,
  name: string,
  given: ReadonlyMap<string, string>,
): EventSelection {
  const target = events.get(name) ?? unknownEvent();
  const params = Object.fromEntries(given);
  return { target, params, subject: target.operation.template.subscribeSubject(target.prefix, params) };
}

function selectByFilter(events: ReadonlyMap<string, EventTarget>, filter: string): EventSelection {
  const [name = "", ...rest] = filter.split(".");
  const target = events.get(name) ?? unknownEvent();
  const subject = [target.prefix, ...rest].join(".");
  const params = target.operation.template.readFilter(target.prefix, subject);
  if (params === undefined) throw invalid(`The filter has not the form of event "${name}"`, name);
  return { target, params: { ...params }, subject };
}

function unknownEvent(): never {
  throw new EdgeRefusal("NO_RESPONDERS", "The contract has no such event", {
    reason: "not-found",
    status: 404,
    retryable: false,
  });
}

function invalid(text: string, operation?: string): MessagingError {
  return new MessagingError("INVALID_EVENT", text, { operation });
}
