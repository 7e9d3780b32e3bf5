import type { RequestOperation } from "../contract/contract.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import type { EndpointStatistics } from "./endpoint-statistics.ts";
import type { RunningRequest } from "./running-request.ts";

/** A handler, whatever its contract. */
export type AnyHandler = (data: unknown, context: RunningRequest) => unknown;

/** One request that is served. */
export interface Endpoint {
  /** Which request. */
  readonly operation: RequestOperation;
  /** Answers it. */
  readonly handler: AnyHandler;
  /** Counts. */
  readonly statistics: EndpointStatistics;
}

/** A request that was taken and waits for its one answer. */
export interface AcceptedRequest {
  readonly endpoint: Endpoint;
  readonly message: TransportMessage;
  readonly replySubject: string;
  readonly connection: TransportConnection;
  readonly arrivedAt: number;
  answered: boolean;
  running: RunningRequest | undefined;
}

/** A request's id: the header's, else the last token of its reply subject. */
export function requestIdOf(accepted: AcceptedRequest): string {
  const { running, replySubject } = accepted;
  return running?.requestId ?? replySubject.slice(replySubject.lastIndexOf(".") + 1);
}
