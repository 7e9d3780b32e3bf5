import { needsAuthentication } from "../contract/access-check.ts";
import type { Contract, EventOperation, RequestOperation } from "../contract/contract.ts";
import { type ContractSubjects, contractSubjects } from "../contract/subjects.ts";
import { contractStreams } from "../durable/contract-streams.ts";
import type { StreamDefinition } from "../transport/event-store.ts";
import type { GatewayMetrics, OperationCounts } from "./gateway-metrics.ts";

/** A request of a contract, at its path. */
export interface RequestRoute {
  readonly contract: Contract;
  readonly operation: RequestOperation;
  /** With the namespace. */
  readonly subject: string;
  readonly subjects: ContractSubjects;
  readonly counts: OperationCounts;
}

/** An event of a contract. */
export interface EventTarget {
  readonly contract: Contract;
  readonly operation: EventOperation;
  /** Its subject without parameters, with the namespace. */
  readonly prefix: string;
  readonly subjects: ContractSubjects;
  /** The stream that stores it; absent for an event that is not stored. */
  readonly stream: StreamDefinition | undefined;
  readonly counts: OperationCounts;
}

/** What a path of a contract leads to: `events` may be a request's name too. */
export interface ContractRoute {
  readonly path: string;
  /** With `POST`. */
  request: RequestRoute | undefined;
  /** With `GET`: the contract's events by name. */
  events: ReadonlyMap<string, EventTarget> | undefined;
}

/** What routes are made of. */
export interface RouteTableOptions {
  readonly contracts: readonly Contract[];
  readonly namespace: string | undefined;
  readonly canAuthenticate: boolean;
  readonly metrics: GatewayMetrics;
}

/**
 * The routes of contracts by path: there is no other way in.
 *
 * @throws {TypeError} for one contract twice, or one whose callers could not be verified
 */
export function routeTable(options: RouteTableOptions): ReadonlyMap<string, ContractRoute> {
  const routes = new Map<string, ContractRoute>();
  const seen = new Set<string>();
  const routeAt = (path: string): ContractRoute => {
    const route = routes.get(path) ?? { path, request: undefined, events: undefined };
    routes.set(path, route);
    return route;
  };
  for (const contract of options.contracts) {
    const base = `/${contract.name}/v${contract.major}`;
    if (seen.has(base)) throw new TypeError(`Cannot make a gateway: it has contract "${base.slice(1)}" twice`);
    seen.add(base);
    if (!options.canAuthenticate && needsAuthentication(contract)) {
      throw new TypeError(
        `Cannot make a gateway: contract "${contract.name}" has operations that are not public, and there is no \`authenticate\``,
      );
    }
    const subjects = contractSubjects(contract, options.namespace);
    for (const operation of contract.requests.values()) {
      const counts = options.metrics.operation(contract.name, operation.name);
      const subject = subjects.of(operation.subject);
      routeAt(`${base}/${operation.name}`).request = { contract, operation, subject, subjects, counts };
    }
    if (contract.events.size > 0) {
      const { events: stored } = contractStreams(contract, options.namespace);
      routeAt(`${base}/events`).events = new Map(
        [...contract.events.values()].map((operation) => {
          const counts = options.metrics.operation(contract.name, operation.name);
          const stream = operation.durable === undefined ? undefined : stored;
          const prefix = subjects.of(operation.subject);
          return [operation.name, { contract, operation, prefix, subjects, stream, counts }];
        }),
      );
    }
  }
  return routes;
}

/** The methods that a route takes, for `Allow`. */
export function methodsOf({ request, events }: ContractRoute): string {
  return [...events === undefined ? [] : ["GET"], ...request === undefined ? [] : ["POST"], "OPTIONS"].join(", ");
}
