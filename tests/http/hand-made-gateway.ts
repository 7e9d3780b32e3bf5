import { HttpTransport, type HttpTransportOptions, type LogFields, type Logger } from "../../mod.ts";

/** What stands in for a gateway: its answers are written by the test, and what it was asked is kept. */
export interface HandMadeGateway {
  /** Every call but those to `/readyz`. */
  readonly calls: Request[];
  /** How often `/readyz` was asked. */
  readonly asked: number;
  /** What the transport logged, as `level message`, with the fields. */
  readonly logged: [string, LogFields][];
  readonly transport: HttpTransport;
}

export interface HandMadeGatewayOptions extends Partial<HttpTransportOptions> {
  /** Answers a call. @default never */
  readonly answer?: (request: Request, call: number) => Response | Promise<Response>;
  /** Answers `/readyz`. @default ready */
  readonly ready?: () => Response | Promise<Response>;
}

/** Makes a transport whose `fetch` is a function of the test. */
export function handMadeGateway({ answer, ready, ...options }: HandMadeGatewayOptions = {}): HandMadeGateway {
  const calls: Request[] = [];
  const logged: [string, LogFields][] = [];
  const note = (level: string) => (message: string, fields: LogFields = {}) =>
    void logged.push([`${level} ${message}`, fields]);
  const logger: Logger = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  let asked = 0;
  const transport = new HttpTransport({
    url: "https://gateway.test",
    logger,
    fetch: async (url, init) => {
      if (new URL(url).pathname.endsWith("/readyz")) {
        asked += 1;
        return await (ready ?? readyAnswer)();
      }
      const request = new Request(url, init);
      calls.push(request);
      return await (answer?.(request, calls.length) ?? new Promise<Response>(() => {}));
    },
    ...options,
  });
  return {
    calls,
    logged,
    transport,
    get asked() {
      return asked;
    },
  };
}

/** What a gateway says of itself that takes a million bytes. */
export function readyAnswer(): Response {
  return Response.json({ status: "ready", bodyBytes: 1_000_000 });
}

/** A problem document. */
export function problem(status: number, fields: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ title: "A problem", status, ...fields }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

/** An event stream that the test writes. */
export interface WrittenStream {
  readonly response: Response;
  /** Whether its reader has gone. */
  readonly cancelled: boolean;
  write(text: string): void;
  /** Ends it as a server does that stops. */
  end(): void;
  /** Ends it as a broken network does. */
  cut(): void;
}

/** Makes an event stream with nothing in it yet. */
export function writtenStream(headers: Record<string, string> = {}): WrittenStream {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const encoder = new TextEncoder();
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8", ...headers } }),
    get cancelled() {
      return cancelled;
    },
    write: (text) => controller.enqueue(encoder.encode(text)),
    end: () => controller.close(),
    cut: () => controller.error(new TypeError("terminated")),
  };
}
