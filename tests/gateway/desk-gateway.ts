import type { MessagingServer } from "../../mod.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import {
  createDeskServer,
  type DeskContract,
  deskContract,
  type DeskOptions,
  ownNamespace,
} from "../transport-behaviour/desk.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { FrameReader } from "./frame-reader.ts";
import { type Answer, answerOf } from "./answer.ts";

/** A gateway in front of the desk of the behaviour suite. */
export interface DeskGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly server: MessagingServer<DeskContract>;
  readonly namespace: string;
  /** What the server's handlers saw, by request. */
  readonly seen: Map<string, unknown[]>;
  /** Asks a request of the desk; a body that is no text is written as JSON. */
  readonly post: (name: string, body?: unknown, init?: RequestInit) => Promise<Answer>;
  /** Opens an event stream of the desk. */
  readonly listen: (query: string, init?: RequestInit) => Promise<FrameReader>;
}

/** Starts both, each on a transport of its own. */
export async function openDeskGateway(
  kind: TransportKind,
  options: Partial<GatewayOptions> = {},
  serverOptions: DeskOptions["server"] = {},
): Promise<DeskGateway> {
  const namespace = ownNamespace();
  const { server, seen } = createDeskServer(kind, namespace, serverOptions);
  const gateway = createGateway({ contracts: [deskContract], transport: kind.connect(), namespace, ...options });
  await server.start();
  return {
    gateway,
    server,
    namespace,
    seen,
    post: async (name, body, init) => answerOf(await gateway.fetch(deskRequest(name, body, init))),
    listen: async (query, init) => FrameReader.of(await gateway.fetch(new Request(eventsUrl(query), init))),
    [Symbol.asyncDispose]: async () => {
      // A clock that stands still would wait for ever.
      await gateway.stop({ graceMs: 0 });
      await server.stop({ graceMs: 100 });
    },
  };
}

/** Where the desk's events are. */
export function eventsUrl(query: string): string {
  return `http://gateway.example/desk/v2/events?${query}`;
}

/** A request of the desk. */
export function deskRequest(name: string, body?: unknown, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  if (body !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Request(`http://gateway.example/desk/v2/${name}`, {
    method: "POST",
    ...(text === undefined ? {} : { body: text }),
    ...init,
    headers,
  });
}
