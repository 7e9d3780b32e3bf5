import type { DurableDefinition } from "../../contract/definition.ts";
import { durableStreamName } from "../../contract/durable-names.ts";
import type { ContractChange } from "../contract-changes.ts";
import type { ContractDescription } from "../contract-description.ts";

const limits = ["maxAgeMs", "maxMessages", "maxBytes", "replicas"] as const;

/** What has changed of the stream that all durable events of a contract are in: servers compare its limits, and change none. */
export function streamChanges(previous: ContractDescription, next: ContractDescription): readonly ContractChange[] {
  const [before, now] = [streamOf(previous), streamOf(next)];
  // Where the major version is another, so is the stream.
  if (before === undefined || now === undefined || before.name !== now.name) return [];
  const shown = limits.filter((limit) => before.limits[limit] !== now.limits[limit])
    .map((limit) => `${limit} was ${before.limits[limit] ?? "not set"} and is ${now.limits[limit] ?? "not set"}`);
  if (shown.length === 0) return [];
  const text = `Stream "${now.name}" has to be edited before a server of this version starts: ${shown.join(", ")}`;
  return [{
    operation: next.name,
    kind: "contract",
    severity: "compatible",
    code: "STREAM_LIMITS_CHANGED",
    text,
  }];
}

function streamOf(
  { name, version, events }: ContractDescription,
): { readonly name: string; readonly limits: DurableDefinition } | undefined {
  const durable = Object.values(events).flatMap((event) => event.durable ?? []);
  if (durable.length === 0) return undefined;
  const given: DurableDefinition = durable.find((one) => Object.keys(one).length > 0) ?? {};
  return { name: durableStreamName({ name, major: Number.parseInt(version) }), limits: given };
}
