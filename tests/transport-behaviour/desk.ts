import * as v from "valibot";
import {
  type Authenticate,
  createContract,
  createMessagingServer,
  type MessagingClient,
  type MessagingClientOptions,
  type MessagingServer,
  type MessagingServerOptions,
} from "../../mod.ts";
import { clientAt, serverTransport } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** The contract that the behaviour suite speaks. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const deskContract = createContract({
  name: "desk",
  version: "2.1.0",
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string(), left: v.number() }) },
    CLOSED: { message: "The desk is closed", retryable: true },
  },
  requests: {
    order: {
      request: v.object({ sku: v.string(), quantity: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1) }),
      response: v.object({ id: v.string(), placed: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) }),
      errors: ["OUT_OF_STOCK", "CLOSED"],
    },
    echo: { request: v.unknown(), response: v.unknown(), idempotent: true },
    wait: { request: v.object({ ms: v.number() }), response: v.string(), timeoutMs: 2_000 },
    ping: { request: v.undefined(), response: v.undefined() },
  },
  events: {
    opened: v.object({ at: v.number() }),
    moved: { schema: v.object({ id: v.string(), region: v.string(), step: v.number() }), subject: "{region}.{step}" },
  },
});

/** The suite's contract's type. */
export type DeskContract = typeof deskContract;

/** What a test may set. */
export interface DeskOptions {
  readonly server?: Partial<MessagingServerOptions<DeskContract>> & { authenticate?: Authenticate };
  readonly client?: Partial<MessagingClientOptions<DeskContract>>;
}

let namespaces = 0;

/** A namespace that no other test uses: the tests of a kind share one broker. */
export function ownNamespace(): string {
  namespaces += 1;
  return `t${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}.n${namespaces}`;
}

/** A server and a client, each on a connection of its own. */
export interface Desk extends AsyncDisposable {
  readonly namespace: string;
  readonly server: MessagingServer<DeskContract>;
  readonly client: MessagingClient<DeskContract>;
  /** What the server's handlers saw, by request. */
  readonly seen: Map<string, unknown[]>;
}

/** Opens a desk; handlers do what their names say. */
export async function openDesk(kind: TransportKind, options: DeskOptions = {}): Promise<Desk> {
  const namespace = ownNamespace();
  const { server, seen } = createDeskServer(kind, namespace, options.server);
  const client = clientAt(kind, { contract: deskContract, namespace }, options.client);
  await server.start();
  await client.connect();
  return {
    namespace,
    server,
    client,
    seen,
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      await server.stop({ graceMs: 1_000 });
    },
  };
}

/** A server of the desk that is not started yet. */
export function createDeskServer(
  kind: TransportKind,
  namespace: string,
  options: Partial<MessagingServerOptions<DeskContract>> = {},
): { server: MessagingServer<DeskContract>; seen: Map<string, unknown[]> } {
  const seen = new Map<string, unknown[]>();
  const note = (name: string, value: unknown): void => {
    seen.set(name, [...seen.get(name) ?? [], value]);
  };
  const transport = serverTransport(kind);
  const server = createMessagingServer({ contract: deskContract, transport, namespace, ...options });
  server.registerHandler("order", (request, context) => {
    note("order", request);
    if (request.sku === "none") throw context.error("OUT_OF_STOCK", { sku: request.sku, left: 0 });
    if (request.sku === "huge") throw context.error("OUT_OF_STOCK", { sku: "x".repeat(2_000_000), left: 0 });
    if (request.sku === "closed") throw context.error("CLOSED");
    if (request.sku === "secret") throw new Error("the password is hunter2");
    return { id: `${request.sku}-${request.quantity}`, placed: "2026-11-23T10:00:00.000Z" };
  });
  server.registerHandler("echo", (request) => {
    note("echo", request);
    return request;
  });
  server.registerHandler("wait", async ({ ms }, { signal }) => {
    note("wait", ms);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        note("aborted", signal.reason);
        reject(signal.reason);
      }, { once: true });
    });
    return "waited";
  });
  server.registerHandler("ping", () => undefined);
  return { server, seen };
}

/** Resolves as soon as the condition holds; looks again after each turn of the event loop. */
export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`The condition did not hold within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
