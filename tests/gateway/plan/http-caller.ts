import { Buffer } from "node:buffer";
import { Agent, type AgentOptions, type IncomingHttpHeaders, request } from "node:http";

/** An answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** How long it took, in milliseconds. */
  readonly tookMs: number;
}

/** What is asked. */
export interface HttpQuestion {
  /** @default "POST" where there is a body, else "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A value is written as JSON, with its content type. */
  readonly body?: unknown;
  /** A bearer token. */
  readonly token?: string | undefined;
}

/** A caller of its own address: loopback has 16 million of them. */
export class HttpCaller implements Disposable {
  readonly #agent: Agent;
  readonly #port: number;

  /** `address` is where it calls from, such as `127.0.1.7`. */
  constructor(port: number, address = "127.0.0.1", maxSockets = 16) {
    this.#port = port;
    // Node's types know the option of a request alone, not of an agent.
    this.#agent = new Agent({ keepAlive: true, maxSockets, localAddress: address } as AgentOptions);
  }

  /** Asks, and reads the answer whole; an event stream is left once it is open. */
  ask(path: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
    const { body, token } = question;
    const method = question.method ?? (body === undefined ? "GET" : "POST");
    const bytes = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const headers: Record<string, string | string[]> = {
      ...(bytes === undefined ? {} : { "Content-Type": "application/json", "Content-Length": length(bytes) }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...question.headers as Record<string, string | string[]>,
    };
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const asking = request(
        { host: "127.0.0.1", port: this.#port, path, method, headers, agent: this.#agent },
        (response) => {
          const { statusCode: status = 0, headers } = response;
          if (headers["content-type"]?.startsWith("text/event-stream")) {
            response.on("error", () => {});
            response.destroy();
            resolve({ status, headers, body: "", tookMs: performance.now() - startedAt });
            return;
          }
          const chunks: Uint8Array[] = [];
          response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const tookMs = performance.now() - startedAt;
            resolve({ status, headers, body: Buffer.concat(chunks).toString("utf8"), tookMs });
          });
        },
      );
      asking.on("error", reject);
      asking.end(bytes);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function length(text: string): string {
  return String(Buffer.byteLength(text));
}
