import type { RequestOperation } from "../contract/contract.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import type { EndpointStatistics } from "./endpoint-statistics.ts";
import type { RememberedRequest } from "./remembered-requests.ts";
import { replyTokenOf, type RunningRequest } from "./running-request.ts";

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
  /** Who shares it. */
  readonly queueGroup: string;
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
  /** What later arrivals of the same request find; absent where it carries no id. */
  remembered: RememberedRequest | undefined;
  /** Whether it only waits for the answer to an earlier arrival. */
  isRepeat: boolean;
}

/** A request's id: the header's, else its reply token. */
export function requestIdOf(accepted: AcceptedRequest): string {
  return accepted.running?.requestId ?? replyTokenOf(accepted);
}
