// Ann of acme. Run this: ACME_PASSWORD=… npx tsx member.ts
import { createMessagingClient, NatsTransport, safe } from "@magicbutton/messaging";
import { files } from "./contract.ts";

const { NATS_URL = "nats://127.0.0.1:4222", ACME_PASSWORD = "" } = process.env;
const client = createMessagingClient({
  contract: files,
  transport: new NatsTransport({
    servers: NATS_URL,
    authentication: { user: "acme", password: ACME_PASSWORD },
    inboxPrefix: "_INBOX_acme",
  }),
  token: "token-of-ann",
});
await client.connect();

const own = client.events("added", { params: { tenant: "acme" } });
await own.ready;
console.log("own", (await client.request("list", { tenant: "acme" })).names);
console.log("heard", (await own.next()).value?.data);

const foreign = await safe(client.request("list", { tenant: "globex" }));
console.log("another tenant's files:", foreign.ok ? foreign.value : foreign.error.code);
const spying = await safe(client.subscribe("added", { params: { tenant: "globex" } }, () => {}).ready);
console.log("another tenant's events:", spying.ok ? "heard" : spying.error.code);
await client.disconnect();
