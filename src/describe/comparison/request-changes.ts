import type { ContractChange } from "../contract-changes.ts";
import type { ContractDescription, RequestDescription } from "../contract-description.ts";
import { accessChanges } from "./access-changes.ts";
import type { BodyComparison } from "./body-changes.ts";

/** What has changed of requests. */
export function requestChanges(
  previous: ContractDescription,
  next: ContractDescription,
  bodies: BodyComparison,
): readonly ContractChange[] {
  const changes: ContractChange[] = [];
  for (const [name, before] of Object.entries(previous.requests)) {
    const of = { operation: name, kind: "request" } as const;
    const now = Object.hasOwn(next.requests, name) ? next.requests[name] : undefined;
    if (now === undefined) {
      changes.push({ ...of, severity: "breaking", code: "REQUEST_REMOVED", text: `Request "${name}" is gone` });
      continue;
    }
    changes.push(
      ...bodies.taken({
        of,
        previous: before.request,
        next: now.request,
        told: {
          breaking: { code: "REQUEST_NARROWED", text: `Request "${name}" refuses what callers send` },
          compatible: {
            code: "REQUEST_WIDENED",
            text: `Request "${name}" has changed, and takes what callers send`,
          },
        },
      }),
      ...bodies.given({
        of,
        previous: before.response,
        next: now.response,
        told: {
          breaking: { code: "RESPONSE_WIDENED", text: `The response of "${name}" may be what callers refuse` },
          compatible: {
            code: "RESPONSE_NARROWED",
            text: `The response of "${name}" has changed, and callers understand it`,
          },
        },
      }),
      ...accessChanges(of, { contract: previous, access: before.access }, { contract: next, access: now.access }),
      ...behaviourChanges(of, before, now),
    );
  }
  for (const name of Object.keys(next.requests)) {
    if (Object.hasOwn(previous.requests, name)) continue;
    const text = `Request "${name}" is new`;
    changes.push({ operation: name, kind: "request", severity: "compatible", code: "REQUEST_ADDED", text });
  }
  return changes;
}

function behaviourChanges(
  of: { readonly operation: string; readonly kind: "request" },
  before: RequestDescription,
  now: RequestDescription,
): readonly ContractChange[] {
  const label = `Request "${of.operation}"`;
  const changes: ContractChange[] = [];
  for (const code of now.errors.filter((code) => !before.errors.includes(code))) {
    const text = `${label} may end with "${code}", which callers do not know`;
    changes.push({ ...of, severity: "breaking", code: "ERROR_ADDED", text });
  }
  for (const code of before.errors.filter((code) => !now.errors.includes(code))) {
    const text = `${label} does not end with "${code}" any more`;
    changes.push({ ...of, severity: "compatible", code: "ERROR_REMOVED", text });
  }
  if (before.idempotent && !now.idempotent) {
    const text = `${label} is not idempotent any more: callers send it again all the same`;
    changes.push({ ...of, severity: "breaking", code: "IDEMPOTENT_REMOVED", text });
  }
  if (!before.idempotent && now.idempotent) {
    changes.push({ ...of, severity: "compatible", code: "IDEMPOTENT_ADDED", text: `${label} is idempotent now` });
  }
  if (now.timeoutMs < before.timeoutMs) {
    const text = `${label} is given up after ${now.timeoutMs} ms, where callers wait ${before.timeoutMs} ms`;
    changes.push({ ...of, severity: "breaking", code: "TIMEOUT_SHORTENED", text });
  }
  if (now.timeoutMs > before.timeoutMs) {
    const text = `${label} has ${now.timeoutMs} ms, where it had ${before.timeoutMs} ms`;
    changes.push({ ...of, severity: "compatible", code: "TIMEOUT_LENGTHENED", text });
  }
  return changes;
}
