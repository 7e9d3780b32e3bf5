import { contractSubjects } from "./subjects.ts";
import { isToken } from "./token.ts";

/**
 * The JetStream stream that holds a contract's durable events: `ORDERS_V1`, with a namespace `PROD=ORDERS_V1`. The sign
 * between them stands in no token, so two deployments never mean one stream. Two contracts whose names differ in case
 * only do; the broker refuses the second one's subjects.
 *
 * @throws {TypeError} where the namespace is not made of subject tokens
 */
export function durableStreamName(contract: { name: string; major: number }, namespace?: string): string {
  contractSubjects(contract, namespace);
  return [...namespace?.split(".") ?? [], `${contract.name}_v${contract.major}`].join("=").toUpperCase();
}

/**
 * The JetStream consumer of one durable subscription to one event: `billing=orderMoved`.
 *
 * @throws {TypeError} where the durable's name is no subject token
 */
export function durableConsumerName(durable: string, event: string): string {
  if (!isToken(durable)) {
    throw new TypeError(`Cannot name a durable "${durable.slice(0, 64)}": letters, digits, "_" and "-" are wanted`);
  }
  return `${durable}=${event}`;
}

/** The stream that holds what a contract's durable subscriptions could not handle, and what is sent to them again. */
export function deadLetterStreamName(contract: { name: string; major: number }, namespace?: string): string {
  // No contract's stream ends like this: theirs end with a version.
  return `${durableStreamName(contract, namespace)}=DEAD`;
}

/** Where a durable subscription's dead letters stand, without a namespace; `*` stands for every event or durable. */
export function deadLetterSubject(contract: { name: string; major: number }, event: string, durable: string): string {
  return `${contract.name}.v${contract.major}.dead.${event}.${durable}`;
}

/** Where events are sent again to one durable subscription alone, without a namespace. */
export function redriveSubject(contract: { name: string; major: number }, event: string, durable: string): string {
  return `${contract.name}.v${contract.major}.redrive.${event}.${durable}`;
}
