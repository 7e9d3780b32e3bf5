// The guide from nats.js, step by step: who answers whom while old and new are at work beside each other.
import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { PageProject } from "./page-project.ts";

describeWithNatsServer("docs/migrating-from-nats-js.md", {}, (test) => {
  test("moves callers, then services, and leaves nobody without an answer", { timeoutMs: 120_000 }, async () => {
    await using broker = await startNatsServer();
    await using project = await PageProject.of("docs/migrating-from-nats-js.md");
    const environment = { NATS_URL: broker.url };
    const printed = async (file: string): Promise<string> => {
      const { exitCode, standardOutput, errorOutput } = await project.run(file, environment);
      assert.is(errorOutput, "");
      assert.is(exitCode, 0);
      return standardOutput;
    };

    await project.read("Before");
    {
      await using old = project.start("old-service.ts", environment);
      await old.line(/The old service listens/);
      assert.is(await printed("old-caller.ts"), "Ordered old-A1-2\n");
    }

    await project.read("Step 1");
    await project.read("Step 2");
    await using old = project.start("old-service.ts", environment);
    await old.line(/The old service listens/);
    assert.is(await printed("old-caller.ts"), "Ordered old-A1-2\n");

    await project.read("Step 3");
    assert.is(await printed("new-caller.ts"), "Ordered old-A1-2\nHeard of old-A1-2\n");

    await project.read("Step 4");
    await using service = project.start("new-service.ts", environment);
    await service.line(/The new service listens/);
    assert.is(await printed("old-caller.ts"), "Ordered old-A1-2\n");
    const answered = new Set<string>();
    await until("answers of both", async () => {
      answered.add((await printed("new-caller.ts")).split("\n")[0]!);
      return answered.size === 2;
    }, 60_000);
    assert.equal([...answered].sort(), ["Ordered new-A1-2", "Ordered old-A1-2"]);

    await old.stop();
    assert.match((await project.run("old-caller.ts", environment)).errorOutput, /NoResponders|no responders/i);
    const configuration = await project.configuration("nats-server.conf");
    const mappings = configuration.slice(configuration.indexOf("mappings"));
    await broker.reload(mappings);
    assert.is(await printed("old-caller.ts"), "Ordered new-A1-2\n");
    assert.is(await printed("new-caller.ts"), "Ordered new-A1-2\nHeard of new-A1-2\n");
    assert.is((await service.stop()).errorOutput, "");
  });
});
