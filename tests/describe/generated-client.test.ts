import { serve } from "@hono/node-server";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { describeOpenApi } from "../../src/describe/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startProgram } from "../support/program.ts";
import { shop } from "./contracts.ts";
import { openShopGateway } from "./shop-gateway.ts";
import { findDescribeTools } from "./tools.ts";

const timeoutMs = 90_000;

/** A project beside this one, with a client that the generator made of the shop's document. */
async function generateClient(): Promise<AsyncDisposable & { readonly folder: string }> {
  const tools = findDescribeTools();
  const folder = await mkdtemp(join(tmpdir(), "messaging-generated-"));
  await symlink(join(tools.folder, "node_modules"), join(folder, "node_modules"), "junction");
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  await writeFile(join(folder, "openapi.json"), JSON.stringify(describeOpenApi(shop)));
  await writeFile(join(folder, "program.ts"), await readFile(new URL("generated-client.txt", import.meta.url)));
  const generator = join(tools.folder, "node_modules/openapi-typescript/bin/cli.js");
  await using generating = startProgram(process.execPath, [generator, "openapi.json", "-o", "shop-api.ts"], { folder });
  const { exitCode, errorOutput } = await generating.ended();
  assert.is(exitCode, 0, errorOutput);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function typeErrors(folder: string, compiler: string): Promise<string> {
  const options = [
    ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "--allowImportingTsExtensions"],
    ...["--target", "es2023", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable", "--pretty", "false"],
    ...["--types", "node", "--typeRoots", fileURLToPath(new URL("../../node_modules/@types", import.meta.url))],
  ];
  await using checking = startProgram(process.execPath, [compiler, ...options, "program.ts"], { folder });
  const { standardOutput, errorOutput } = await checking.ended();
  return standardOutput + errorOutput;
}

let whyNot: string | undefined;
try {
  findDescribeTools();
} catch (error) {
  whyNot = (error as Error).message;
}

describeWithNatsServer("A client that openapi-typescript generates of the document", {}, (test) => {
  const typed = "is typed by the contract, its errors by their codes";
  const calls = "calls through a gateway and NATS: results, errors, events";
  if (whyNot !== undefined) {
    test.skip(typed, whyNot);
    test.skip(calls, whyNot);
    return;
  }

  test(typed, { timeoutMs }, async () => {
    await using client = await generateClient();
    const compilers = [
      join(findDescribeTools().folder, "node_modules"),
      fileURLToPath(new URL("../../node_modules", import.meta.url)),
    ];
    for (const modules of compilers) {
      assert.is(await typeErrors(client.folder, join(modules, "typescript/bin/tsc")), "", modules);
    }
  });

  test(calls, { timeoutMs }, async () => {
    await using broker = await startNatsServer({ jetstream: true });
    await using stage = await openShopGateway(() => new NatsTransport({ servers: broker.url }));
    await using client = await generateClient();
    const http = serve({ fetch: stage.gateway.fetch, hostname: "127.0.0.1", port: await freePort() });
    try {
      await once(http, "listening");
      const { port } = http.address() as { port: number };
      await using program = startProgram(
        process.execPath,
        ["--import", import.meta.resolve("tsx"), "program.ts", `http://127.0.0.1:${port}`, "clerk"],
        { folder: client.folder },
      );
      await program.line(/^listening$/);
      await stage.server.broadcast("orderMoved", { id: 4, region: "us", name: "other" });
      await stage.server.broadcast("orderMoved", { id: 5, region: "eu", name: "this" });
      const { standardOutput, errorOutput, exitCode } = await program.ended();
      assert.is(errorOutput, "");
      assert.equal(JSON.parse(standardOutput.split("\n")[1]!), [
        ["placed", 200, "A1", 3, false],
        ["out of stock", "none", 0],
        ["price changed", 9, null],
        ["invalid", "quantity", "not-executed"],
        ["TOO_OFTEN", 429],
        ["refused", 401, "UNAUTHENTICATED"],
        ["hours", "always"],
        ["rung", 204, true],
        ["function", "function"],
        ["moved", 5, "eu"],
      ]);
      assert.is(exitCode, 0);
    } finally {
      http.close();
      if ("closeAllConnections" in http) http.closeAllConnections();
    }
  });
});
