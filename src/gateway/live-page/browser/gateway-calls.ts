import { type Problem, readProblem, unreachable } from "./problem.ts";

/** What a call came to. */
export interface Answer {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** From sending to the last byte, in milliseconds. */
  readonly elapsedMs: number;
  /** The body as it came. */
  readonly body: string;
  /** What went wrong. */
  readonly problem?: Problem | undefined;
}

/** Options of {@linkcode GatewayCalls.send}. */
export interface SendOptions {
  /** JSON; left out for a request without a body. */
  readonly body?: string | undefined;
  /** How long the service may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
}

/** The way to the gateway that this page came from. */
export class GatewayCalls {
  readonly #base: string;
  readonly #token: () => string;

  /** `token` is asked for each call. */
  constructor(page: Pick<Location, "origin" | "pathname">, token: () => string) {
    // A gateway may be mounted under a path, and the page be read without the slash at its end.
    this.#base = page.origin + (page.pathname.endsWith("/") ? page.pathname : `${page.pathname}/`);
    this.#token = token;
  }

  /** The address of one of the gateway's own paths. */
  url(path: string): string {
    return this.#base + path.replace(/^\//, "");
  }

  /** Headers that say who asks. */
  headers(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const token = this.#token();
    return token === "" ? { ...more } : { ...more, Authorization: `Bearer ${token}` };
  }

  /** Reads a document of the gateway. */
  async get(path: string): Promise<Answer> {
    return await this.#fetch(path, { headers: this.headers({ Accept: "application/json" }) });
  }

  /** Sends a request of the contract. */
  async send(path: string, options: SendOptions): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    if (options.timeoutMs !== undefined) headers["Request-Timeout-Ms"] = String(options.timeoutMs);
    return await this.#fetch(path, {
      method: "POST",
      headers: this.headers(headers),
      body: options.body ?? null,
      signal: options.signal ?? null,
    });
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const startedAt = performance.now();
    const elapsedMs = (): number => performance.now() - startedAt;
    try {
      const response = await fetch(this.url(path), { ...init, cache: "no-store" });
      const body = await response.text();
      const problem = response.ok ? undefined : readProblem(response.status, body);
      return { status: response.status, elapsedMs: elapsedMs(), body, problem };
    } catch (error) {
      return { status: 0, elapsedMs: elapsedMs(), body: "", problem: unreachable(error) };
    }
  }
}
