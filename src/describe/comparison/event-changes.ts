import type { DurableDefinition } from "../../contract/definition.ts";
import type { ContractChange } from "../contract-changes.ts";
import type { ContractDescription, EventDescription } from "../contract-description.ts";
import { accessChanges } from "./access-changes.ts";
import type { BodyComparison } from "./body-changes.ts";

type Of = { readonly operation: string; readonly kind: "event" };

/** What has changed of events. */
export function eventChanges(
  previous: ContractDescription,
  next: ContractDescription,
  bodies: BodyComparison,
): readonly ContractChange[] {
  const changes: ContractChange[] = [];
  for (const [name, before] of Object.entries(previous.events)) {
    const of = { operation: name, kind: "event" } as const;
    const now = Object.hasOwn(next.events, name) ? next.events[name] : undefined;
    if (now === undefined) {
      changes.push({ ...of, severity: "breaking", code: "EVENT_REMOVED", text: `Event "${name}" is gone` });
      continue;
    }
    changes.push(
      ...bodies.given({
        of,
        previous: before.event,
        next: now.event,
        told: {
          breaking: { code: "EVENT_WIDENED", text: `Event "${name}" may be what subscribers refuse` },
          compatible: { code: "EVENT_NARROWED", text: `Event "${name}" has changed, and subscribers understand it` },
        },
      }),
      ...storedChanges(of, before, now, bodies),
      ...subjectChanges(of, before, now),
      ...accessChanges(of, { contract: previous, access: before.access }, { contract: next, access: now.access }),
      ...durableChanges(of, before.durable, now.durable),
    );
  }
  for (const name of Object.keys(next.events)) {
    if (Object.hasOwn(previous.events, name)) continue;
    const text = `Event "${name}" is new`;
    changes.push({ operation: name, kind: "event", severity: "compatible", code: "EVENT_ADDED", text });
  }
  return changes;
}

/** What was stored before is read by subscribers of the next version, too. */
function storedChanges(
  of: Of,
  before: EventDescription,
  now: EventDescription,
  bodies: BodyComparison,
): readonly ContractChange[] {
  if (before.durable === undefined || now.durable === undefined) return [];
  const text = `Events "${of.operation}" that are stored are refused by the next version`;
  return bodies.taken({
    of,
    previous: before.event,
    next: now.event,
    told: { breaking: { code: "STORED_EVENT_REFUSED", text } },
  });
}

function subjectChanges(of: Of, before: EventDescription, now: EventDescription): readonly ContractChange[] {
  if (before.subject === now.subject) return [];
  const shown = ({ subject }: EventDescription): string => subject === "" ? "none" : `"${subject}"`;
  const text = `The subject of event "${of.operation}" was ${shown(before)} and is ${shown(now)} behind its name`;
  return [{ ...of, severity: "breaking", code: "SUBJECT_CHANGED", text }];
}

function durableChanges(
  of: Of,
  before: DurableDefinition | undefined,
  now: DurableDefinition | undefined,
): readonly ContractChange[] {
  const label = `Event "${of.operation}"`;
  if (before === undefined && now === undefined) return [];
  if (now === undefined) {
    const text = `${label} is not stored any more: durable subscriptions hear nothing`;
    return [{ ...of, severity: "breaking", code: "DURABLE_REMOVED", text }];
  }
  if (before === undefined) {
    return [{ ...of, severity: "compatible", code: "DURABLE_ADDED", text: `${label} is stored now` }];
  }
  const limits = ["maxAgeMs", "maxMessages", "maxBytes"] as const;
  const less = limits.filter((limit) => (now[limit] ?? Infinity) < (before[limit] ?? Infinity));
  const other = [...limits, "replicas" as const].filter((limit) =>
    now[limit] !== before[limit] && !less.includes(limit as never)
  );
  const shown = (names: readonly (keyof DurableDefinition)[]): string =>
    names.map((name) => `${name} was ${before[name] ?? "not set"} and is ${now[name] ?? "not set"}`).join(", ");
  return [
    ...less.length === 0 ? [] : [
      {
        ...of,
        severity: "breaking",
        code: "RETENTION_SHORTENED",
        text: `${label} is not kept as long as it was: ${shown(less)}`,
      } as const,
    ],
    ...other.length === 0 ? [] : [
      {
        ...of,
        severity: "compatible",
        code: "RETENTION_CHANGED",
        text: `${label} is kept otherwise: ${shown(other)}`,
      } as const,
    ],
  ];
}
