import type { ContractChange } from "../contract-changes.ts";
import type { BodyDescription, ContractDescription } from "../contract-description.ts";
import type { BodyComparison } from "./body-changes.ts";

const nothing: BodyDescription = { optional: true };

/** What has changed of errors that some request may still end with; what requests name is told of with them. */
export function errorChanges(
  previous: ContractDescription,
  next: ContractDescription,
  bodies: BodyComparison,
): readonly ContractChange[] {
  const changes: ContractChange[] = [];
  for (const [code, before] of Object.entries(previous.errors)) {
    const now = Object.hasOwn(next.errors, code) ? next.errors[code] : undefined;
    const isMet = Object.entries(previous.requests).some(([name, { errors }]) =>
      errors.includes(code) && Object.hasOwn(next.requests, name) && next.requests[name]!.errors.includes(code)
    );
    if (now === undefined || !isMet) continue;
    const of = { operation: code, kind: "error" } as const;
    if (before.status !== now.status) {
      const text = `Error "${code}" had status ${before.status} and has ${now.status}`;
      changes.push({ ...of, severity: "breaking", code: "ERROR_STATUS_CHANGED", text });
    }
    if (before.retryable !== now.retryable) {
      const text = `Error "${code}" ${now.retryable ? "is" : "is not"} retryable ${now.retryable ? "now" : "any more"}`;
      changes.push({ ...of, severity: "breaking", code: "ERROR_RETRYABLE_CHANGED", text });
    }
    if (before.message !== now.message) {
      const text = `Error "${code}" has another message`;
      changes.push({ ...of, severity: "compatible", code: "ERROR_MESSAGE_CHANGED", text });
    }
    // Data where there was none is not looked at by callers of before.
    if (before.data?.schema === undefined) continue;
    changes.push(...bodies.given({
      of,
      previous: before.data,
      next: now.data ?? nothing,
      told: {
        breaking: { code: "ERROR_DATA_WIDENED", text: `The data of error "${code}" may be what callers refuse` },
        compatible: {
          code: "ERROR_DATA_NARROWED",
          text: `The data of error "${code}" has changed, and callers understand it`,
        },
      },
    }));
  }
  return changes;
}
