import { EdgeRefusal } from "./edge-refusal.ts";
import type { EffectiveLimits, RateLimit } from "./gateway-limits.ts";
import { type RateState, RateTable } from "./rate-table.ts";

/** The problem type of an exhausted quota (draft-ietf-httpapi-ratelimit-headers). */
const quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** The `RateLimit` headers of one answer. */
export interface RateHeaders {
  policy: string;
  state: string;
}

/** The rates of addresses and identities. */
export class CallerLimits {
  readonly #byAddress: RateTable | undefined;
  readonly #byIdentity: RateTable | undefined;

  /** Nobody has asked yet. */
  constructor(limits: EffectiveLimits) {
    const table = (name: string, limit: RateLimit | false): RateTable | undefined =>
      limit === false ? undefined : new RateTable(name, limit, limits.rateTableSize);
    this.#byAddress = table("address", limits.ratePerAddress);
    this.#byIdentity = table("identity", limits.ratePerIdentity);
  }

  /** Counts a request of an address; it may not be known. @throws {EdgeRefusal} over the rate */
  countAddress(address: string | undefined, now: number, headers: RateHeaders): void {
    if (address !== undefined) count(this.#byAddress, address, now, headers);
  }

  /** Counts a request of an identity; an anonymous caller without an address has none. @throws {EdgeRefusal} over the rate */
  countIdentity(identity: string | undefined, now: number, headers: RateHeaders): void {
    if (identity !== undefined) count(this.#byIdentity, identity, now, headers);
  }
}

function count(table: RateTable | undefined, caller: string, now: number, headers: RateHeaders): void {
  if (table === undefined) return;
  const state: RateState = table.count(caller, now);
  const others = headers.policy === "" ? "" : ", ";
  headers.policy += others + table.policy;
  headers.state += others + table.header(state);
  if (state.allowed) return;
  throw new EdgeRefusal("BUSY", `Too many requests of one ${table.name}: the rate is ${table.policy}`, {
    reason: "rate",
    status: 429,
    retryAfterMs: Math.max(1, Math.ceil(state.resetMs)),
    type: quotaExceeded,
    members: { "violated-policies": [table.name] },
  });
}
