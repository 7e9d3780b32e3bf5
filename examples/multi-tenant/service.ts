// The service of all tenants. Run this: SERVICE_PASSWORD=… npx tsx service.ts
import { createMessagingServer, NatsTransport } from "@magicbutton/messaging";
import { files } from "./contract.ts";

const { NATS_URL = "nats://127.0.0.1:4222", SERVICE_PASSWORD = "" } = process.env;
// Stands for createJwtAuthenticator: who a token belongs to, and of which tenant.
const members = new Map([["token-of-ann", { id: "ann", tenant: "acme" }], ["token-of-bob", {
  id: "bob",
  tenant: "globex",
}]]);

const server = createMessagingServer({
  contract: files,
  transport: new NatsTransport({
    servers: NATS_URL,
    authentication: { user: "service", password: SERVICE_PASSWORD },
    inboxPrefix: "_INBOX_service",
  }),
  authenticate: ({ token = "" }) => {
    const member = members.get(token);
    return member && { id: member.id, roles: ["member"], claims: { tenant: member.tenant } };
  },
  // Whose data it is: nobody asks for another tenant's.
  authorize: ({ data, actor }) => (data as { tenant: string }).tenant === actor.claims?.["tenant"],
});
server.registerHandler("list", async ({ tenant }) => {
  await server.broadcast("added", { tenant, name: "list.txt" });
  return { names: [`${tenant}.txt`] };
});
await server.start();
console.log("The files are there");
