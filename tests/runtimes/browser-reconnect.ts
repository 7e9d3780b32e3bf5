// The page of the reconnect test: it speaks to a service over a broker that is killed and started again meanwhile.
import { type ConnectionStatus, createMessagingClient, NatsTransport } from "../../mod.ts";
import { until } from "../support/until.ts";
import { edgeContract } from "./edge-contract.ts";

const { servers } = await (await fetch("/data")).json() as { servers: string };
const post = (path: string, body?: unknown): Promise<Response> =>
  fetch(path, { method: "POST", ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

const changes: ConnectionStatus[] = [];
const heard: string[] = [];
const answers: string[] = [];
let problem: string | undefined;
try {
  const client = createMessagingClient({ contract: edgeContract, transport: new NatsTransport({ servers }) });
  // A status is told again with another reason: how many there are depends on how long the broker is away.
  client.onStatus((status) => void (changes.at(-1) !== status && changes.push(status)));
  await client.connect();
  await client.subscribe("noticed", (what) => void heard.push(what)).ready;
  answers.push(await client.request("greet", "page"));
  await post("/actions/broadcast");
  await until("the page hears of the event", () => heard.length === 1);
  await post("/actions/kill");
  await until("the page notices", () => client.status === "reconnecting");
  await post("/actions/restart");
  await until("the page is back", () => client.status === "connected", 10_000);
  answers.push(await client.request("greet", "page again"));
  await post("/actions/broadcast");
  await until("the page hears of the second event", () => heard.length === 2);
  await client.disconnect();
} catch (error) {
  problem = String(error);
}
await post("/result", { problem, changes, heard, answers });
