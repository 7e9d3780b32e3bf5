// Programs with a SQLite file that are killed again and again: a full harness with more of it is elsewhere.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { orders } from "./scene.ts";

const timeoutMs = 90_000;

function start(name: string, ...given: string[]): Program {
  const path = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return startProgram(process.execPath, ["--import", import.meta.resolve("tsx"), path, ...given]);
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "durable-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describeWithNatsServer("A program with a database that is killed", {}, (test) => {
  test("has each event's effect once with the inbox", { timeoutMs }, () =>
    inFolder(async (folder) => {
      await using nats = await startNatsServer({ jetstream: true });
      const path = join(folder, "counted.db");
      const server = createMessagingServer({ contract: orders, transport: new NatsTransport({ servers: nats.url }) });
      await server.start();
      const total = 400;
      for (let id = 1; id <= total; id++) await server.broadcast("orderPaid", { id: String(id) });
      let output = "";
      const lives = [1, 2, 3, 4, 9, 18, 27, 40];
      for (const life of lives) {
        await using worker = start("counting-worker", nats.url, path, String(life));
        const { exitCode, standardOutput } = await worker.ended();
        assert.is(exitCode, null);
        output += standardOutput;
      }
      await using worker = start("counting-worker", nats.url, path);
      const database = await until("the table", () => new Database(path));
      const count = database.prepare("SELECT count(*) AS ids, sum(times) AS times FROM counted");
      const counted = (): { ids: number; times: number } => count.get() as { ids: number; times: number };
      await until("all events", () => counted().ids === total, 30_000);
      output += (await worker.stop()).standardOutput;
      const { ids, times } = counted();
      database.close();
      const redelivered = output.match(/ true$/gm)?.length ?? 0;
      assert.equal([ids, times], [total, total]);
      assert.ok(redelivered > 0 && redelivered <= lives.length * 4, `${redelivered} redelivered`);
      await server.stop();
    }));

  test("has its events published once and in order with the outbox", { timeoutMs }, () =>
    inFolder(async (folder) => {
      await using nats = await startNatsServer({ jetstream: true });
      const path = join(folder, "shop.db");
      const total = 200;
      for (const life of [1, 2, 3, 50, 101, 151, 200]) {
        await using writer = start("outbox-writer", nats.url, path, String(total), String(life));
        assert.is((await writer.ended()).exitCode, null);
      }
      await using writer = start("outbox-writer", nats.url, path, String(total));
      const { exitCode, errorOutput } = await writer.ended();
      assert.is(exitCode, 0, errorOutput);
      const client = createMessagingClient({ contract: orders, transport: new NatsTransport({ servers: nats.url }) });
      await client.connect();
      const seen: number[] = [];
      await client.subscribe("orderPaid", { from: "all" }, ({ id }) => void seen.push(Number(id))).ready;
      await until("all events", () => seen.length >= total);
      assert.equal(seen, Array.from({ length: total }, (_, index) => index + 1));
      await client.disconnect();
    }));
});
