import * as assert from "uvu/assert";
import { createMessagingServer, NatsTransport } from "../../mod.ts";
import { kiosk, serveKiosk } from "../discovery/kiosk.ts";
import { startShopBroker } from "../security/shop-broker.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { runCli } from "./run-cli.ts";

const timeoutMs = 30_000;
const noWork = async (): Promise<void> => {};
const soon = ["--wait", "300ms"];

describeWithNatsServer("ls and stats", {}, (test) => {
  test("ls lists every instance with its requests, as a table and as JSON", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using _one = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    await using _other = await serveKiosk(new NatsTransport({ servers: server.url }), noWork, { queueGroup: "spare" });
    const table = await runCli(["ls", "-s", server.url, ...soon]);
    assert.equal([table.exitCode, table.errorOutput], [0, ""]);
    const [head, ...rows] = table.output.trimEnd().split("\n");
    assert.match(head!, /^SERVICE +VERSION +INSTANCE +QUEUE GROUP +REQUESTS$/);
    assert.is(rows.length, 2);
    for (const row of rows) assert.match(row, /^kiosk +2\.4\.1 +\S+ +(?:kiosk|spare) +sell, price$/);
    const { output } = await runCli(["ls", "--json", "-s", server.url, ...soon]);
    const { services, unserved } = JSON.parse(output);
    assert.equal(unserved, []);
    assert.is(services.length, 2);
    for (const { id, ...service } of services) {
      assert.type(id, "string");
      const queueGroup = service.endpoints[0].queueGroup;
      assert.equal(service, {
        name: "kiosk",
        version: "2.4.1",
        contract: "kiosk@2.4.1",
        description: "Sells newspapers",
        endpoints: [
          { name: "sell", subject: "kiosk.v2.request.sell", queueGroup },
          { name: "price", subject: "kiosk.v2.request.price", queueGroup },
        ],
      });
    }
  });

  test(
    "ls with a contract shows its services alone, and ends with 1 where nobody serves a request",
    { timeoutMs },
    async () => {
      await using server = await startNatsServer();
      const transport = new NatsTransport({ servers: server.url });
      const partial = createMessagingServer({ contract: kiosk, transport });
      partial.registerHandler("price", () => ({ price: 1 }));
      await partial.start({ partial: true });
      const args = ["ls", "kiosk.ts", "-s", server.url, ...soon];
      const some = await runCli(args);
      assert.is(some.exitCode, 1);
      assert.match(some.output, /kiosk .* price$/m);
      assert.is(some.errorOutput, "warning: nobody serves sell\n");
      const elsewhere = await runCli([...args, "--namespace", "prod", "--json"]);
      assert.equal([elsewhere.exitCode, JSON.parse(elsewhere.output)], [1, {
        services: [],
        unserved: ["sell", "price"],
      }]);
      await partial.stop();
      const none = await runCli(["ls", "-s", server.url, ...soon]);
      assert.equal([none.exitCode, none.output, none.errorOutput], [0, "", "No service answered\n"]);
    },
  );

  test("stats counts requests and errors, with times", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using _service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    for (const sku of ["A1", "none", "A2"]) {
      await runCli(["call", "kiosk.ts", "sell", JSON.stringify({ sku, quantity: 1 }), "-s", server.url]);
    }
    const { output } = await runCli(["stats", "kiosk.ts", "--json", "-s", server.url, ...soon]);
    const [{ started, endpoints }] = JSON.parse(output).services;
    assert.ok(Date.parse(started) <= Date.now());
    const [{ averageMs, lastError, ...sell }, price] = endpoints;
    assert.equal(sell, { name: "sell", subject: "kiosk.v2.request.sell", queueGroup: "kiosk", requests: 3, errors: 1 });
    assert.ok(averageMs > 0);
    assert.match(lastError, /SOLD_OUT/);
    assert.is(price.requests, 0);
    const table = await runCli(["stats", "-s", server.url, ...soon]);
    assert.match(table.output, /^SERVICE +INSTANCE +UP +REQUEST +COUNT +ERRORS +AVERAGE +LAST ERROR\n/);
    assert.match(table.output, /^kiosk +\S+ +[\d.]+ m?s +sell +3 +1 +[\d.]+ ms +\S*SOLD_OUT/m);
  });

  test(
    "show what strangers answer without what a terminal would obey, and leave out what is none",
    { timeoutMs },
    async () => {
      await using server = await startNatsServer();
      const connection = await new NatsTransport({ servers: server.url }).open();
      const answers = [
        {
          name: "evil\u001b[31m",
          id: "1\n2",
          version: "1.0.0",
          endpoints: [{ name: "\u009b2J", subject: "a" }, 7, null],
        },
        { name: "no-id", version: "1.0.0", endpoints: [] },
        ["a list"],
      ].map((answer) => JSON.stringify(answer)).concat("{ no JSON");
      for (const answer of answers) {
        const subscription = connection.subscribe("$SRV.INFO", {
          onMessage: ({ replySubject }) => connection.send(replySubject!, new TextEncoder().encode(answer)),
        });
        await subscription.ready;
      }
      const { exitCode, output } = await runCli(["ls", "-s", server.url, ...soon]);
      assert.is(exitCode, 0);
      assert.is(output.trimEnd().split("\n").length, 2);
      assert.not.match(output.replaceAll("\n", ""), /\p{Cc}/u);
      await connection.close();
    },
  );

  test("end with 1 where the broker refuses to ask, and with 3 where there is none", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const args = ["ls", "--user", "viewer", "--inbox-prefix", "_INBOX_viewer", ...soon];
    const environment = { NATS_PASSWORD: "role-password" };
    const refused = await runCli([...args, "-s", broker.url], { environment });
    assert.is(refused.exitCode, 1);
    assert.match(refused.errorOutput, /^error FORBIDDEN \(403\)/);
    const away = await runCli([...args, "-s", `nats://127.0.0.1:${await freePort()}`], { environment });
    assert.is(away.exitCode, 3);
  });
});
