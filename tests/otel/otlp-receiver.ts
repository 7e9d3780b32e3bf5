import { once } from "node:events";
import { createServer } from "node:http";

/** A span as OTLP writes it in JSON; as much of it as is looked at. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

/** A metric as OTLP writes it in JSON; as much of it as is looked at. */
export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
}

interface OtlpScope {
  readonly schemaUrl?: string;
  readonly scope: { readonly name: string; readonly version: string };
  readonly spans?: readonly OtlpSpan[];
  readonly metrics?: readonly OtlpMetric[];
}

interface OtlpResource {
  readonly scopeSpans?: readonly OtlpScope[];
  readonly scopeMetrics?: readonly OtlpScope[];
}

/** A server that takes OTLP over HTTP, as a collector does, and keeps what it gets. */
export class OtlpReceiver implements AsyncDisposable {
  readonly url: string;
  readonly scopes: OtlpScope[] = [];
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** Listens on loopback. */
  static async start(): Promise<OtlpReceiver> {
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const part of request) text += part;
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text) as {
        resourceSpans?: OtlpResource[];
        resourceMetrics?: OtlpResource[];
      };
      for (const { scopeSpans = [], scopeMetrics = [] } of [...resourceSpans, ...resourceMetrics]) {
        receiver.scopes.push(...scopeSpans, ...scopeMetrics);
      }
      response.setHeader("Content-Type", "application/json");
      response.end("{}");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const receiver = new OtlpReceiver(`http://127.0.0.1:${port}`, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
    return receiver;
  }

  /** The spans of this library. */
  get spans(): readonly OtlpSpan[] {
    return this.scopes.flatMap(({ spans = [] }) => spans);
  }

  /** The metrics of this library. */
  get metrics(): readonly OtlpMetric[] {
    return this.scopes.flatMap(({ metrics = [] }) => metrics);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
