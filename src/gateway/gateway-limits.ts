/** How many requests one caller may make in one stretch of time. */
export interface RateLimit {
  /** So many requests; opening an event stream is one. */
  readonly requests: number;
  /** In so many milliseconds. */
  readonly windowMs: number;
}

/**
 * What a gateway takes at most, from one caller and from all together.
 *
 * @example
 * ```ts
 * import type { GatewayLimits } from "@magicbutton/messaging/gateway";
 *
 * const limits: GatewayLimits = { bodyBytes: 65_536, ratePerIdentity: { requests: 600, windowMs: 60_000 } };
 * ```
 */
export interface GatewayLimits {
  /** The most bytes of a request's body. @default 262144 */
  readonly bodyBytes?: number;
  /** The most bytes of a request's headers, names and values together. @default 16384 */
  readonly headerBytes?: number;
  /** The most headers of a request. @default 100 */
  readonly headers?: number;
  /** The most parameters of a query. @default 32 */
  readonly queryParameters?: number;
  /** The most bytes of a URL. @default 8192 */
  readonly urlBytes?: number;
  /** How long a body may stand still, in milliseconds; one of at most 64 KiB has to be there within this time. @default 15000 */
  readonly bodyIdleMs?: number;
  /** How long a body may take, in milliseconds. @default 30000 */
  readonly bodyTotalMs?: number;
  /** The longest deadline that a caller may ask for, in milliseconds; an operation's own may be longer. @default 60000 */
  readonly timeoutMs?: number;
  /** How many requests are under way at once; over that callers are told `BUSY` at once. @default 1024 */
  readonly concurrency?: number;
  /** How much one verified identity may ask; an anonymous caller counts by its address. @default 6000 in 60000 ms */
  readonly ratePerIdentity?: RateLimit | false;
  /** How much may come from one address, where `address` tells it. @default 12000 in 60000 ms */
  readonly ratePerAddress?: RateLimit | false;
  /** How many identities, and how many addresses, are counted; the one not seen for longest is forgotten. @default 10000 */
  readonly rateTableSize?: number;
  /** How many event streams one identity may have open. @default 32 */
  readonly streamsPerIdentity?: number;
  /** How many event streams may be open. @default 10000 */
  readonly streams?: number;
  /** The most bytes that wait for the reader of one stream; over that it is cut. @default 262144 */
  readonly streamBufferBytes?: number;
  /** How long a stream's reader may take nothing of what waits for it, in milliseconds; then it is cut. @default 10000 */
  readonly streamStallMs?: number;
  /** How long a stream may be silent until a comment goes out, in milliseconds. @default 15000 */
  readonly heartbeatMs?: number;
  /** How often an open stream's caller is verified again, in milliseconds. @default 60000 */
  readonly recheckMs?: number;
}

/** Every limit with its value. */
export type EffectiveLimits = Required<GatewayLimits>;

const defaults: EffectiveLimits = {
  bodyBytes: 262_144,
  headerBytes: 16_384,
  headers: 100,
  queryParameters: 32,
  urlBytes: 8_192,
  bodyIdleMs: 15_000,
  bodyTotalMs: 30_000,
  timeoutMs: 60_000,
  concurrency: 1_024,
  ratePerIdentity: { requests: 6_000, windowMs: 60_000 },
  ratePerAddress: { requests: 12_000, windowMs: 60_000 },
  rateTableSize: 10_000,
  streamsPerIdentity: 32,
  streams: 10_000,
  streamBufferBytes: 262_144,
  streamStallMs: 10_000,
  heartbeatMs: 15_000,
  recheckMs: 60_000,
};

/** Fills in what is not given. @throws {TypeError} naming the limit that is not a whole number over 0 */
export function effectiveLimits(given: GatewayLimits = {}): EffectiveLimits {
  const limits: EffectiveLimits = { ...defaults, ...given };
  for (const [name, value] of Object.entries<number | RateLimit | false>(limits)) {
    if (value === false && /^rate/.test(name)) continue;
    if (typeof value !== "object") checkNumber(name, value);
    else for (const field of ["requests", "windowMs"] as const) checkNumber(`${name}.${field}`, value[field]);
  }
  return limits;
}

function checkNumber(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  throw new TypeError(
    `Cannot use \`limits.${name}\`: a whole number over 0 is wanted, current value is ${String(value)}`,
  );
}
