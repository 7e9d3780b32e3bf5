import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, type MessagingClient, NatsTransport } from "../../mod.ts";
import { natsServerConfig } from "../../src/security/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { lettersOf, type Orders, orders, untilLetters } from "./scene.ts";

describeWithNatsServer("With the least permissions of brokerPermissions()", {}, (test) => {
  test("a worker handles and buries, and an operator sends again", { timeoutMs: 20_000 }, async () => {
    const password = "a-password-of-some-length";
    const config = natsServerConfig(orders, {
      users: [
        { user: "shop", password, service: true },
        { user: "first", password, durable: "billing", createConsumers: true },
        { user: "worker", password, durable: "billing" },
        { user: "operator", password, durable: "billing", deadLetters: true },
      ],
    });
    await using nats = await startNatsServer({ jetstream: true, config });
    const transport = (user: string): NatsTransport =>
      new NatsTransport({ servers: nats.url, authentication: { user, password }, inboxPrefix: `_INBOX_${user}` });
    const join = async (user: string): Promise<MessagingClient<Orders>> => {
      const client = createMessagingClient({ contract: orders, transport: transport(user) });
      await client.connect();
      return client;
    };
    const server = createMessagingServer({ contract: orders, transport: transport("shop") });
    await server.start();
    const [first, worker, operator] = [await join("first"), await join("worker"), await join("operator")];
    // Makes the consumers, once.
    await first.subscribe("orderPaid", { durable: "billing", from: "all" }, () => {}).ready;
    await first.disconnect();
    let fixed = false;
    const seen: string[] = [];
    await worker.subscribe("orderPaid", { durable: "billing", from: "all", maxAttempts: 1 }, ({ id }) => {
      if (!fixed) throw new TypeError("no");
      seen.push(id);
    }).ready;
    await server.broadcast("orderPaid", { id: "7" });
    const [letter] = await untilLetters(operator, "orderPaid", 1);
    fixed = true;
    await letter!.redrive();
    await until("the event", () => seen.length === 1);
    assert.equal(await lettersOf(operator, "orderPaid"), []);
    await Promise.all([worker.disconnect(), operator.disconnect()]);
    await server.stop();
  });
});
