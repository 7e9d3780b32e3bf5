import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { serveKiosk } from "../discovery/kiosk.ts";
import { serveEveryone } from "../security/broker-matrix.ts";
import { shopService, startShopBroker } from "../security/shop-broker.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { type CommandLineResult, runCli, type RunningCommandLine, startCli } from "./run-cli.ts";

const timeoutMs = 30_000;
const noWork = async (): Promise<void> => {};

/** Nothing tells when a command line for machines listens, so events are told until it has heard enough. */
async function broadcastUntilEnded(
  running: RunningCommandLine,
  broadcast: () => Promise<void>,
): Promise<CommandLineResult> {
  let ended: CommandLineResult | undefined;
  running.ended.then((result) => ended = result);
  await until("the command line has heard enough", async () => {
    await broadcast();
    return ended;
  });
  return ended!;
}

describeWithNatsServer("listen", {}, (test) => {
  test("prints events as they come, and ends in good order on Ctrl-C", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const running = startCli(["listen", "kiosk.ts", "-s", server.url]);
    await running.printed(/^Listening to sold; Ctrl-C ends it$/m);
    await service.broadcast("sold", { id: "7", region: "eu" });
    await running.printed(/^\d\d:\d\d:\d\d sold \{"id":"7","region":"eu"\}$/m);
    running.interrupt();
    const { exitCode, errorOutput } = await running.ended;
    assert.is(exitCode, 0);
    assert.is(errorOutput, "Listening to sold; Ctrl-C ends it\n");
  });

  test("prints a line of JSON for each event, and ends after so many", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const running = startCli(["listen", "kiosk.ts", "sold", "--json", "--count", "2", "-s", server.url]);
    let sent = 0;
    const result = await broadcastUntilEnded(
      running,
      () => service.broadcast("sold", { id: String(++sent), region: "eu" }),
    );
    assert.is(result.exitCode, 0);
    assert.is(result.errorOutput, "");
    const lines = result.output.trim().split("\n").map((line) => JSON.parse(line));
    assert.is(lines.length, 2);
    for (const line of lines) {
      assert.equal(Object.keys(line), ["event", "subject", "params", "data"]);
      assert.is(line.subject, "kiosk.v2.event.sold");
      assert.is(line.data.region, "eu");
    }
  });

  test("lets the broker filter by subject parameters", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const service = await serveEveryone(shopService(broker));
    const running = startCli(
      ["listen", "shop.ts", "stockChanged", "--param", "tenant=acme", "--count", "1", "--json"].concat(
        ["-s", broker.url, "--user", "viewer", "--inbox-prefix", "_INBOX_viewer", "--timeout", "4s"],
      ),
      { environment: { NATS_PASSWORD: "role-password" } },
    );
    const result = await broadcastUntilEnded(running, async () => {
      await service.broadcast("stockChanged", { tenant: "other", id: "1" });
      await service.broadcast("stockChanged", { tenant: "acme", id: "2" });
    });
    assert.is(result.errorOutput, "");
    const { params, data } = JSON.parse(result.output);
    assert.equal([params, data], [{ tenant: "acme", id: "2" }, { tenant: "acme", id: "2" }]);
    await service.stop();
  });

  test(
    "tells of an event that the contract does not describe, and of the connection's losses",
    { timeoutMs },
    async () => {
      await using server = await startNatsServer();
      await using service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
      const running = startCli(["listen", "kiosk.ts", "-s", server.url]);
      await running.printed(/^Listening to/m);
      await using stranger = await new NatsTransport({ servers: server.url }).open()
        .then((connection) => Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() }));
      await stranger.publish("kiosk.v2.event.sold", new TextEncoder().encode('{"id":7}'), {
        timeoutMs: 5_000,
        operation: "sold",
      });
      await running.printed(/^warning: Invalid event "sold"/m);
      await server.restart();
      await running.printed(/^The connection is reconnecting/m);
      await running.printed(/^warning: events may be missing here of sold \(outage\)$/m);
      await service.broadcast("sold", { id: "8", region: "eu" });
      await running.printed(/sold \{"id":"8"/);
      running.interrupt();
      assert.is((await running.ended).exitCode, 0);
    },
  );

  test(
    "prints stored events from where it is told, in order, with their sequence and time",
    { timeoutMs },
    async () => {
      await using broker = await startShopBroker();
      const service = await serveEveryone(shopService(broker));
      for (const id of ["1", "2", "3"]) await service.broadcast("orderMoved", { tenant: "acme", id });
      await service.broadcast("orderMoved", { tenant: "other", id: "4" });
      const args = ["-s", broker.url, "--user", "admin"];
      const environment = { NATS_PASSWORD: "admin-password" };
      const listen = ["listen", "shop.ts", "orderMoved", "--json", ...args];
      const linesOf = async (...more: string[]): Promise<Record<string, unknown>[]> => {
        const { exitCode, output, errorOutput } = await runCli([...listen, ...more], { environment });
        assert.equal([exitCode, errorOutput], [0, ""]);
        return output.trim().split("\n").map((line) => JSON.parse(line));
      };
      const all = await linesOf("--from", "all", "--param", "tenant=acme", "--count", "3");
      assert.equal(all.map(({ sequence, data }) => [sequence, data]), [
        [1, { tenant: "acme", id: "1" }],
        [2, { tenant: "acme", id: "2" }],
        [3, { tenant: "acme", id: "3" }],
      ]);
      for (const { publishedAt } of all) assert.ok(Math.abs(Date.parse(String(publishedAt)) - Date.now()) < 60_000);
      assert.equal((await linesOf("--from", "3", "--count", "2")).map(({ sequence }) => sequence), [3, 4]);
      const time = new Date(Date.parse(String(all[1]!["publishedAt"]))).toISOString();
      // Events of one millisecond have one time.
      const first = all.find(({ publishedAt }) => Date.parse(String(publishedAt)) >= Date.parse(time))!["sequence"];
      assert.is((await linesOf("--from", time, "--count", "1"))[0]!["sequence"], first);
      const live = startCli(["listen", "shop.ts", "--from", "new", "--count", "1", ...args], { environment });
      await live.printed(/^Listening to orderMoved; /m);
      await service.broadcast("orderMoved", { tenant: "acme", id: "5" });
      const { output } = await live.ended;
      assert.match(output, /^\d{4}-\d\d-\d\dT[\d:.]+Z 5 orderMoved \{"tenant":"acme","id":"5"\}\n$/);
      await service.stop();
    },
  );

  test("ends with 2 for a place that is none, and for events that are not stored", { timeoutMs }, async () => {
    const refused: [string[], RegExp][] = [
      [["shop.ts", "orderMoved", "--from", "yesterday"], /^error: Cannot use --from: all, new, a sequence/],
      [["shop.ts", "orderMoved", "--from", "0"], /^error: Cannot use --from: all, new, a sequence/],
      [["shop.ts", "orderMoved", "--from", "2026-13-01"], /^error: Cannot use --from: all, new, a sequence/],
      [["shop.ts", "announced", "--from", "all"], /event "announced" is not durable\n {2}hint: Durable is orderMoved/],
      [["kiosk.ts", "--from", "all"], /contract "kiosk" has no durable events/],
      [["shop.ts", "orderMoved", "--from", "all", "--queue-group", "a"], /Cannot use --queue-group with --from/],
    ];
    for (const [args, message] of refused) {
      const { exitCode, errorOutput } = await runCli(["listen", ...args]);
      assert.is(exitCode, 2, errorOutput);
      assert.match(errorOutput, message);
    }
  });

  test("ends by itself after its time", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const { exitCode, output } = await runCli(["listen", "kiosk.ts", "--for", "50ms", "-s", server.url]);
    assert.equal([exitCode, output], [0, ""]);
  });

  test("ends with 1 where the broker refuses the subscription, and 3 where there is none", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const args = ["listen", "shop.ts", "orderFlagged", "--user", "viewer", "--inbox-prefix", "_INBOX_viewer"];
    const environment = { NATS_PASSWORD: "role-password" };
    const refused = await runCli([...args, "-s", broker.url], { environment });
    assert.is(refused.exitCode, 1);
    assert.match(refused.errorOutput, /error FORBIDDEN \(403\): .*orderFlagged/);
    const away = await runCli([...args, "-s", `nats://127.0.0.1:${await freePort()}`], { environment });
    assert.is(away.exitCode, 3);
  });

  test("ends with 2 for an event or a parameter that the contract has not", { timeoutMs }, async () => {
    const unknown = await runCli(["listen", "kiosk.ts", "bought"]);
    assert.equal(unknown, {
      exitCode: 2,
      output: "",
      errorOutput: 'error: Contract "kiosk" has no event "bought"\n  hint: It has sold\n',
    });
    const parameter = await runCli(["listen", "shop.ts", "stockChanged", "--param", "region=eu"]);
    assert.is(parameter.exitCode, 2);
    assert.match(parameter.errorOutput, /has no subject parameter "region"\n {2}hint: It has tenant, id/);
    for (const wrong of [["--param", "region"], ["--count", "0"], ["--count", "2.5"], ["--for", "5"]]) {
      const { exitCode, errorOutput } = await runCli(["listen", "shop.ts", "stockChanged", ...wrong]);
      assert.is(exitCode, 2, errorOutput);
      assert.match(errorOutput, new RegExp(`^error: Cannot use ${wrong[0]}: `));
    }
  });
});
