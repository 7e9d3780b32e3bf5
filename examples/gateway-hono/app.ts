// The gateway as part of a Hono application, behind its own routes. Run this: PUBLIC_JWK='{…}' npx tsx app.ts
import { type HttpBindings, serve } from "@hono/node-server";
import { NatsTransport } from "@magicbutton/messaging";
import { createGateway } from "@magicbutton/messaging/gateway";
import { createJwtAuthenticator } from "@magicbutton/messaging/security";
import { Hono } from "hono";
import { tickets } from "./contract.ts";

// PUBLIC_JWK is the key that your identity provider signs with; with `jwksUrl` instead of `keys` it is fetched from there.
const { NATS_URL = "nats://127.0.0.1:4222", PUBLIC_JWK = "", PORT = "8787" } = process.env;
const gateway = createGateway({
  contracts: [tickets],
  transport: new NatsTransport({ servers: NATS_URL }),
  authenticate: createJwtAuthenticator({
    issuer: "https://id.example.com",
    audience: "tickets",
    algorithms: ["ES256"],
    keys: [JSON.parse(PUBLIC_JWK)],
    roles: (claims) => claims["roles"] as string[],
  }),
  cors: { origins: ["https://app.example.com"] },
  address: (_request, platform) => (platform as HttpBindings).incoming.socket.remoteAddress,
});
await gateway.start();

const app = new Hono<{ Bindings: HttpBindings }>();
app.get("/", (context) => context.text("Tickets"));
app.mount("/api", (request, env) => gateway.fetch(request, env));

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT) }, () => console.log("Listening"));
process.once("SIGTERM", async () => {
  server.close();
  await gateway.stop();
  // Callers keep connections, and would be held here by them.
  if ("closeIdleConnections" in server) server.closeIdleConnections();
});
