import { PrometheusText } from "./prometheus-text.ts";

/** Upper ends of the duration histogram's buckets, in seconds. */
const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The counts of one operation. */
export class OperationCounts {
  readonly contract: string;
  readonly operation: string;
  /** Requests by their answer's status. */
  readonly byStatus: Map<number, number> = new Map();
  /** How many took at most so long, by the buckets' order; not yet summed up. */
  readonly buckets: number[] = bucketSeconds.map(() => 0);
  seconds = 0;
  requests = 0;
  /** Events that came and were valid, of an event. */
  events = 0;

  /** Nothing counted yet. */
  constructor(contract: string, operation: string) {
    this.contract = contract;
    this.operation = operation;
  }

  /** Counts a request that was answered. */
  count(status: number, durationMs: number): void {
    const seconds = durationMs / 1_000;
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    this.requests += 1;
    this.seconds += seconds;
    const bucket = bucketSeconds.findIndex((end) => seconds <= end);
    if (bucket !== -1) this.buckets[bucket]! += 1;
  }
}

/** What a gateway counts: labels come from the contracts alone, so that nobody outside can make them many. */
export class GatewayMetrics {
  /** Requests to routes that are none. */
  readonly unmatched: OperationCounts = new OperationCounts("", "");
  /** Requests under way. */
  inFlight = 0;
  /** Event streams that are open. */
  streams = 0;
  /** Events handed to streams. */
  delivered = 0;
  readonly #operations = new Map([["", this.unmatched]]);
  readonly #rejected = new Map<string, number>();
  readonly #dropped = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  /** The counts of an operation of a contract; a request and an event of one name share them. */
  operation(contract: string, operation: string): OperationCounts {
    const key = `${contract}.${operation}`;
    const counts = this.#operations.get(key) ?? new OperationCounts(contract, operation);
    this.#operations.set(key, counts);
    return counts;
  }

  /** A request was refused here. */
  rejected(reason: string): void {
    increment(this.#rejected, reason);
  }

  /** An event was not passed on. */
  dropped(reason: string): void {
    increment(this.#dropped, reason);
  }

  /** The gateway ended a stream. */
  ended(reason: string): void {
    increment(this.#ended, reason);
  }

  /** All of it in the text format of Prometheus. */
  text(): string {
    const text = new PrometheusText();
    text.metric("messaging_gateway_requests_total", "counter", "HTTP requests answered.");
    for (const { contract, operation, byStatus } of this.#operations.values()) {
      for (const [status, count] of byStatus) text.sample({ contract, operation, status: String(status) }, count);
    }
    this.#durations(text);
    text.metric("messaging_gateway_requests_in_flight", "gauge", "Requests under way.");
    text.sample({}, this.inFlight);
    text.metric("messaging_gateway_streams", "gauge", "Event streams that are open.");
    text.sample({}, this.streams);
    text.metric("messaging_gateway_events_total", "counter", "Events that came from the broker and were valid.");
    for (const { contract, operation, events } of this.#operations.values()) {
      if (events > 0) text.sample({ contract, operation }, events);
    }
    text.metric("messaging_gateway_events_delivered_total", "counter", "Events handed to streams.");
    text.sample({}, this.delivered);
    byReason(text, "messaging_gateway_events_dropped_total", "Events that were not passed on.", this.#dropped);
    byReason(text, "messaging_gateway_streams_ended_total", "Streams that the gateway ended.", this.#ended);
    byReason(text, "messaging_gateway_rejected_total", "Requests that the gateway refused.", this.#rejected);
    return text.text;
  }

  #durations(text: PrometheusText): void {
    const name = "messaging_gateway_request_duration_seconds";
    text.metric(name, "histogram", "Time from a request to its answer.");
    for (const { contract, operation, buckets, requests, seconds } of this.#operations.values()) {
      if (requests === 0) continue;
      let sum = 0;
      for (const [index, count] of buckets.entries()) {
        sum += count;
        text.sample({ contract, operation, le: String(bucketSeconds[index]) }, sum, "_bucket");
      }
      text.sample({ contract, operation, le: "+Inf" }, requests, "_bucket");
      text.sample({ contract, operation }, seconds, "_sum");
      text.sample({ contract, operation }, requests, "_count");
    }
  }
}

function increment(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

function byReason(text: PrometheusText, name: string, help: string, counts: ReadonlyMap<string, number>): void {
  text.metric(name, "counter", help);
  for (const [reason, count] of counts) text.sample({ reason }, count);
}
