// The guide from NestJS, step by step: who answers whom while both are at work beside each other.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract, createMessagingClient, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { PageProject } from "./page-project.ts";

// NestJS is installed for the benchmark, beside the other contenders.
const isInstalled = existsSync(fileURLToPath(new URL("../../bench/node_modules/@nestjs/core", import.meta.url)));

describeWithNatsServer("docs/migrating-from-nestjs.md", {}, (test) => {
  const title = "moves callers, then services, in both directions, and events";
  if (!isInstalled) return test.skip(title, "NestJS is not there: npm run bench -- --quick installs it");

  test(title, { timeoutMs: 170_000 }, async () => {
    await using broker = await startNatsServer({ config: "trace: true" });
    await using project = await PageProject.of("docs/migrating-from-nestjs.md");
    const environment = { NATS_URL: broker.url };
    const printed = async (file: string): Promise<string> => {
      const { exitCode, standardOutput, errorOutput } = await project.run(file, environment);
      assert.is(errorOutput, "", file);
      assert.is(exitCode, 0, file);
      // NestJS logs what its connection does.
      return standardOutput.replaceAll(/^\[Nest\].*\n/gm, "");
    };

    await project.read("Before");
    {
      await using old = project.start("nest-service.ts", environment);
      await old.line(/The NestJS service listens/);
      assert.is(await printed("nest-caller.ts"), "Ordered nest-A1-2\n");
    }

    await project.read("Step 1");
    await project.read("Step 2");
    await using old = project.start("nest-service.ts", environment);
    await old.line(/The NestJS service listens/);
    assert.is(await printed("nest-caller.ts"), "Ordered nest-A1-2\n");

    await project.read("Step 3");
    assert.is(await printed("new-caller.ts"), "Ordered nest-A1-2\nNo A1\n");

    await project.read("Step 4");
    await using service = project.start("new-service.ts", environment);
    await service.line(/The new service listens/);
    assert.is(await printed("nest-caller.ts"), "Ordered nest-A1-2\n");
    const answered = new Set<string>();
    await until("answers of both", async () => {
      answered.add(await printed("new-caller.ts"));
      return answered.size === 2;
    }, 60_000);
    assert.equal([...answered].sort(), ["Ordered nest-A1-2\nNo A1\n", "Ordered new-A1-2\nNo A1\n"]);

    await old.stop();
    await project.read("Step 5");
    assert.is(await printed("nest-caller.ts"), "Ordered new-A1-2\nOUT_OF_STOCK A1\n");

    await project.read("Events");
    await using listener = project.start("nest-listener.ts", environment);
    await listener.line(/The NestJS listener listens/);
    await broker.log.waitFor(/SUB orders\.v1\.event\.orderCreated/);
    await printed("new-caller.ts");
    await listener.line(/NestJS heard of new-A1-2/);
    await using client = createMessagingClient({
      contract: createContract({
        name: "orders",
        version: "1.0.0",
        events: { orderCreated: v.object({ id: v.string() }) },
      }),
      transport: new NatsTransport({ servers: broker.url }),
    });
    await client.connect();
    const created = client.events("orderCreated");
    await created.ready;
    await printed("nest-teller.ts");
    assert.equal((await created.next()).value.data, { id: "from-nest" });
    assert.is((await service.stop()).errorOutput, "");
  });
});
