// A page that talks to NATS over WebSocket; through a gateway it is new HttpTransport({ url }) and nothing else.
// Run this: npx vite, and open http://localhost:5173/?servers=ws://127.0.0.1:8080
import { createMessagingClient, NatsTransport, safe } from "@magicbutton/messaging";
import { room } from "./contract.ts";

const [form, status, list] = ["form", "[role=status]", "ul"].map((name) => document.querySelector<HTMLElement>(name)!);
const servers = new URLSearchParams(location.search).getAll("servers");
const client = createMessagingClient({ contract: room, transport: new NatsTransport({ servers }) });

client.onStatus((now) => status!.textContent = now);
client.subscribe(
  "said",
  ({ text }) => list!.append(Object.assign(document.createElement("li"), { textContent: text })),
);
form!.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = String(new FormData(form as HTMLFormElement).get("text"));
  const result = await safe(client.request("say", { text }));
  if (!result.ok) status!.textContent = `${result.error.code}: ${result.error.message}`;
});
await client.connect();
