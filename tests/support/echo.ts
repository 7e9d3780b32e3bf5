import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  type MessagingClient,
  type MessagingClientOptions,
  type MessagingServer,
  type MessagingServerOptions,
  type Transport,
} from "../../mod.ts";

const text = v.object({ text: v.string() });

/** A contract that is only there to carry messages. */
export const echo = createContract({
  name: "echo",
  version: "1.0.0",
  errors: { REFUSED: { status: 409, message: "Refused", data: v.object({ text: v.string() }) } },
  requests: {
    say: { request: text, response: text, errors: ["REFUSED"] },
    /** Nobody but the test serves it. */
    ask: { request: text, response: text, errors: ["REFUSED"] },
  },
  events: {
    heard: v.object({ number: v.number() }),
    moved: { schema: v.object({ region: v.string(), id: v.string() }), subject: "{region}.{id}" },
  },
});

/** Its contract's type. */
export type Echo = typeof echo;

/** A client of {@linkcode echo} on this transport, connected. */
export async function connectEcho(
  transport: Transport,
  options: Partial<MessagingClientOptions<Echo>> = {},
): Promise<MessagingClient<Echo>> {
  const client = createMessagingClient({ contract: echo, transport, ...options });
  await client.connect();
  return client;
}

/** A server that says back what it hears; `ask` has no handler. */
export async function serveEcho(
  transport: Transport,
  options: Partial<MessagingServerOptions<Echo>> = {},
): Promise<MessagingServer<Echo>> {
  const server = createMessagingServer({ contract: echo, transport, ...options });
  server.registerHandler("say", ({ text }) => ({ text }));
  await server.start({ partial: true });
  return server;
}
