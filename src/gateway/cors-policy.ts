import type { CorsOptions } from "./gateway-options.ts";

/** Headers of a response, by name. */
export type ResponseHeaders = Readonly<Record<string, string>>;

const none: ResponseHeaders = Object.freeze({});
/** What a page's script may read of an answer beside what it always may. */
const exposed = "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate";
const requestHeaders = ["Authorization", "Content-Type", "Idempotency-Key", "Request-Timeout-Ms", "Last-Event-ID"];

/** Which web pages may use the gateway: an exact list, without credentials of the browser's own. */
export class CorsPolicy {
  readonly #byOrigin: ReadonlyMap<string, ResponseHeaders>;
  readonly #allowedHeaders: string;
  readonly #maxAgeSeconds: string;

  /** @throws {TypeError} for an origin that no browser writes like this, `*` and `null` among them */
  constructor({ origins, maxAgeSeconds = 600 }: CorsOptions, forwarded: Iterable<string>) {
    if (!(Number.isSafeInteger(maxAgeSeconds) && maxAgeSeconds >= 0)) {
      throw new TypeError("Cannot use `cors.maxAgeSeconds`: a whole number of seconds is wanted");
    }
    for (const origin of origins) checkOrigin(origin);
    this.#byOrigin = new Map(origins.map((origin) => [origin, {
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Expose-Headers": exposed,
    }]));
    this.#allowedHeaders = [...requestHeaders, ...forwarded].join(", ");
    this.#maxAgeSeconds = String(maxAgeSeconds);
  }

  /** What an answer to this origin says beside its own headers. */
  headersFor(origin: string | undefined): ResponseHeaders {
    return origin === undefined ? none : this.#byOrigin.get(origin) ?? none;
  }

  /** What the answer to a preflight of this origin says. */
  preflightHeaders(origin: string | undefined, methods: string): ResponseHeaders {
    const allowed = this.headersFor(origin);
    if (allowed === none) return none;
    return {
      "Access-Control-Allow-Origin": allowed["Access-Control-Allow-Origin"]!,
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": this.#allowedHeaders,
      "Access-Control-Max-Age": this.#maxAgeSeconds,
    };
  }
}

function checkOrigin(origin: string): void {
  let written: string | undefined;
  try {
    written = new URL(origin).origin;
  } catch {
    // Told below, like any other that is none.
  }
  if (written === origin && origin !== "null") return;
  throw new TypeError(
    `Cannot use \`cors.origins\`: ${
      JSON.stringify(String(origin).slice(0, 128))
    } is no origin such as "https://app.example.com"`,
  );
}
