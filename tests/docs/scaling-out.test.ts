// What docs/scaling-out.md says of super-clusters and leaf nodes, with its own configurations.
import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type MessagingClient,
  type MessagingServer,
  NatsTransport,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { until } from "../support/until.ts";
import { PageBrokers } from "./broker-configs.ts";

const page = "docs/scaling-out.md";
const timeoutMs = 60_000;
const requests = 50;

const places = createContract({
  name: "places",
  version: "1.0.0",
  requests: { where: { request: v.object({}), response: v.object({ place: v.string() }), idempotent: true } },
  events: { opened: v.object({ place: v.string() }) },
});

async function serve(servers: string, place: string): Promise<MessagingServer<typeof places>> {
  const server = createMessagingServer({ contract: places, transport: new NatsTransport({ servers }) });
  server.registerHandler("where", () => ({ place }));
  await server.start();
  return server;
}

async function open(servers: string): Promise<MessagingClient<typeof places>> {
  const client = createMessagingClient({ contract: places, transport: new NatsTransport({ servers }) });
  await client.connect();
  return client;
}

/** Interest travels between brokers in its own time. */
function answeredFrom(client: MessagingClient<typeof places>, place: string): Promise<true> {
  return until(`an answer from ${place}`, async () => {
    try {
      return (await client.request("where", {})).place === place || undefined;
    } catch (error) {
      if (isMessagingError(error, "NO_RESPONDERS")) return undefined;
      throw error;
    }
  }, 20_000);
}

async function ask(client: MessagingClient<typeof places>): Promise<string[]> {
  const answers: string[] = [];
  for (let count = 0; count < requests; count++) answers.push((await client.request("where", {})).place);
  return answers;
}

function all(place: string): string[] {
  return Array.from({ length: requests }, () => place);
}

describeWithNatsServer("docs/scaling-out.md", {}, (test) => {
  test("a queue group of a super-cluster answers where it is asked, and elsewhere when it has to", {
    timeoutMs,
  }, async () => {
    await using brokers = await PageBrokers.of(page);
    const [eastUrl, westUrl] = [await brokers.start("east.conf"), await brokers.start("west.conf")];
    await using west = await serve(westUrl, "west");
    await using caller = await open(eastUrl);
    await answeredFrom(caller, "west");
    const east = await serve(eastUrl, "east");
    await answeredFrom(caller, "east");
    assert.equal(await ask(caller), all("east"));
    await east.stop();
    assert.equal(await ask(caller), all("west"));

    const heard = caller.events("opened");
    await heard.ready;
    // That the east listens is known in the west a moment later: an event is told until it is heard.
    const next = heard.next();
    let isHeard = false;
    void next.then(() => isHeard = true);
    await until("an event of the west in the east", async () => {
      await west.broadcast("opened", { place: "west" });
      return isHeard;
    }, 20_000);
    assert.equal((await next).value.data, { place: "west" });
  });

  test("a leaf node prefers its own, reaches the hub, and goes on without it", { timeoutMs }, async () => {
    await using brokers = await PageBrokers.of(page);
    const [hubUrl, leafUrl] = [await brokers.start("hub.conf"), await brokers.start("leaf.conf")];
    await using hub = await serve(hubUrl, "hub");
    await using caller = await open(leafUrl);
    await answeredFrom(caller, "hub");
    await using _leaf = await serve(leafUrl, "leaf");
    await answeredFrom(caller, "leaf");
    assert.equal(await ask(caller), all("leaf"));
    await hub.stop();
    await brokers.running("hub.conf").stop();
    assert.equal(await ask(caller), all("leaf"));
  });
});
