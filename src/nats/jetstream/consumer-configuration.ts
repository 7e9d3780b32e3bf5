import type { ConsumerConfig } from "@nats-io/jetstream";
import { orderText } from "../../transport/consumer-texts.ts";
import type { ConsumeOptions, StartPosition } from "../../transport/event-store.ts";

/** What is set of a consumer; `priority_timeout` is how long a silent client keeps its pin (ADR-42). */
export type WantedConsumer = Partial<ConsumerConfig>;

/** The one group of a consumer that has one client at a time. */
export const pinGroup = "exclusive";
/** How long a client that is silent keeps the consumer, in milliseconds. */
export const pinTimeoutMs = 4_000;
/** Deliveries of all instances together, those that wait for their next attempt among them. */
const maximumUnsettled = 50_000;

/** What the broker is to be asked for. */
export function consumerConfiguration(options: ConsumeOptions, from: StartPosition): WantedConsumer {
  return {
    durable_name: options.consumer,
    name: options.consumer,
    ack_policy: "explicit",
    ...startOf(from),
    filter_subject: options.subject,
    ack_wait: options.ackWaitMs * 1e6,
    // How often is enough is decided here: the broker would only fall silent about it.
    max_deliver: -1,
    max_ack_pending: maximumUnsettled,
    ...(options.exclusive
      ? { priority_groups: [pinGroup], priority_policy: "pinned_client" as const, priority_timeout: pinTimeoutMs * 1e6 }
      : {}),
  };
}

/** Where a consumer begins, in the broker's words. */
export function startOf(from: StartPosition): WantedConsumer {
  if (from === "new") return { deliver_policy: "new" };
  if (from === "all") return { deliver_policy: "all" };
  return "time" in from
    ? { deliver_policy: "by_start_time", opt_start_time: from.time.toISOString() }
    : { deliver_policy: "by_start_sequence", opt_start_seq: Math.max(1, from.sequence) };
}

/** What would make a consumer that is there give other messages, or in another way, than is wanted. */
export function consumerDifferences(options: ConsumeOptions, there: Partial<ConsumerConfig>): readonly string[] {
  const found: string[] = [];
  const compare = (name: string, want: unknown, have: unknown): void => {
    if (want !== have) found.push(`${name}: ${String(want)} is wanted, ${String(have)} is there`);
  };
  const subjects = there.filter_subjects ?? [there.filter_subject ?? ">"];
  compare("subject", options.subject, subjects.join(" "));
  compare("orderedBy", orderText(options.exclusive), orderText(there.priority_policy === "pinned_client"));
  compare("ack_policy", "explicit", there.ack_policy);
  compare("deliver_subject", "none", there.deliver_subject ?? "none");
  compare("max_deliver", -1, there.max_deliver ?? -1);
  compare("headers_only", false, there.headers_only ?? false);
  // A longer one is only slower; a shorter one would give messages again that are being worked on. Alone it can be changed.
  if (found.length === 0 && (there.ack_wait ?? 0) < options.ackWaitMs * 1e6) {
    compare("ackWaitMs", options.ackWaitMs, (there.ack_wait ?? 0) / 1e6);
  }
  return found;
}
