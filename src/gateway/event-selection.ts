import { MessagingError } from "../errors/messaging-error.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import type { EventTarget } from "./route-table.ts";

/** What a stream shows: one event of a contract, with the subject parameters that are fixed. */
export interface EventSelection {
  readonly target: EventTarget;
  readonly params: Readonly<Record<string, string>>;
  /** What is listened to, with the namespace. */
  readonly subject: string;
  /** Where it begins, as the query has it; `undefined` where it does not say. */
  readonly from: string | undefined;
}

/**
 * Reads what a stream shall show from its query: `name` and parameters by their names, or `filter` with the subject
 * behind `.event.`, escaped as it travels, `*` for a parameter that is open; and `from`, where no parameter has that name.
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
  if (given.size > (given.has("from") ? 2 : 1)) throw invalid("Nothing is wanted in the query beside filter and from");
  return selectByFilter(events, filter, given.get("from"));
}

function selectByName(
  events: ReadonlyMap<string, EventTarget>,
  name: string,
  given: ReadonlyMap<string, string>,
): EventSelection {
  const target = events.get(name) ?? unknownEvent();
  const { template } = target.operation;
  const { from, ...others } = Object.fromEntries(given);
  const params = from === undefined || template.parameters.includes("from") ? Object.fromEntries(given) : others;
  const subject = template.subscribeSubject(target.prefix, params);
  return { target, params, subject, from: params === others ? from : undefined };
}

function selectByFilter(
  events: ReadonlyMap<string, EventTarget>,
  filter: string,
  from: string | undefined,
): EventSelection {
  const [name = "", ...rest] = filter.split(".");
  const target = events.get(name) ?? unknownEvent();
  const subject = [target.prefix, ...rest].join(".");
  const params = target.operation.template.readFilter(target.prefix, subject);
  if (params === undefined) throw invalid(`The filter has not the form of event "${name}"`, name);
  return { target, params: { ...params }, subject, from };
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
