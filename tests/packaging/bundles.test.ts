import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { type BundledFile, bundleWithEsbuild, bundleWithVite, wranglerConditions } from "./bundles.ts";

const timeoutMs = 60_000;

const programs = {
  memory:
    `export { createContract, createMessagingClient, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";`,
  http: `export { createContract, createMessagingClient, HttpTransport } from "@magicbutton/messaging";`,
  nats: `export * from "@magicbutton/messaging";`,
  security: `export * from "@magicbutton/messaging/security";`,
  otel: `export * from "@magicbutton/messaging/otel";`,
  testing: `export * from "@magicbutton/messaging/testing";`,
};

const bundlers: Record<string, (program: string) => Promise<BundledFile[]>> = {
  "esbuild for a browser": (program) => bundleWithEsbuild(program),
  "esbuild for a browser, in several files": (program) => bundleWithEsbuild(program, { splitting: true }),
  "esbuild with wrangler's conditions": (program) => bundleWithEsbuild(program, { conditions: wranglerConditions }),
  "Vite": bundleWithVite,
};

/** What only Node, Bun or Deno can load. */
const foreignImport = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`](?:node:|bun:|jsr:|npm:|net["'`]|tls["'`]|fs["'`/])/;
/** What a program may ask for later: streams, and what is done with stored events. */
const laterImport =
  /\bimport\s*\(\s*["'`]\.\/(?:memory-event-store|http-event-store|stored-events)-[\w-]+\.js["'`]\s*\)/g;
const foreignModule = /transport-(?:node|deno)|\/(?:tcp|websocket)\/(?:node|deno)\.|^node:/;

for (const [bundler, bundle] of Object.entries(bundlers)) {
  describe(`A bundle by ${bundler}`, (test) => {
    for (const [name, program] of Object.entries(programs)) {
      test(`of ${name} has no import of a runtime and no file of another one`, { timeoutMs }, async () => {
        const files = await bundle(program);
        assert.ok(files.some(({ eager }) => eager));
        for (const file of files) {
          assert.not.match(file.text, foreignImport, file.name);
          assert.equal(file.modules.filter((path) => foreignModule.test(path)), [], file.name);
        }
      });
    }

    test("of client and server over memory has nothing of NATS", { timeoutMs }, async () => {
      // Files that nothing of the program can ask for are made, too, and stay where they are.
      const files = (await bundle(programs.memory)).filter(({ eager }) => eager);
      const modules = files.flatMap((file) => file.modules);
      assert.ok(modules.some((path) => path.includes("memory-transport")));
      assert.equal(modules.filter((path) => /@nats-io|tweetnacl|\/src\/nats\/|jose/.test(path)), []);
      // What it can ask for later is nothing of another transport.
      for (const { text } of files) assert.not.match(text.replaceAll(laterImport, ""), /\bimport\s*\(/);
    });

    test("of a client over HTTP has nothing of NATS, of the gateway or of servers", { timeoutMs }, async () => {
      const files = (await bundle(programs.http)).filter(({ eager }) => eager);
      const modules = files.flatMap((file) => file.modules);
      assert.ok(modules.some((path) => path.includes("http-transport")));
      const foreign = /@nats-io|tweetnacl|jose|\/src\/(?:nats|gateway|server|memory|security|describe|testing)\//;
      assert.equal(modules.filter((path) => foreign.test(path)), []);
      for (const { text } of files) assert.not.match(text.replaceAll(laterImport, ""), /\bimport\s*\(/);
    });

    test("of telemetry has OpenTelemetry's API and nothing else of it, nor clients, servers or transports", {
      timeoutMs,
    }, async () => {
      const modules = (await bundle(programs.otel)).flatMap((file) => file.modules);
      assert.ok(modules.some((path) => path.includes("create-telemetry")));
      assert.ok(modules.some((path) => path.includes("@opentelemetry/api/")));
      const foreign = /@opentelemetry\/(?!api\/)|\/src\/(?:nats|http|memory|gateway|client|server|security|describe)\//;
      assert.equal(modules.filter((path) => foreign.test(path)), []);
    });

    test("of everything else has nothing of OpenTelemetry", { timeoutMs }, async () => {
      for (const name of ["memory", "http", "nats", "security"] as const) {
        const modules = (await bundle(programs[name])).flatMap((file) => file.modules);
        assert.equal(modules.filter((path) => /@opentelemetry|\/src\/otel\//.test(path)), [], name);
      }
    });

    test("of everything has nothing of nats-core and of what is for tests, and its main file nothing of streams", {
      timeoutMs,
    }, async () => {
      const files = await bundle(programs.nats);
      const modules = files.flatMap((file) => file.modules);
      assert.ok(modules.some((path) => path.includes("nats-transport")));
      assert.equal(modules.filter((path) => /nats-core|@nats-io\/jetstream|\/src\/testing\//.test(path)), []);
      const streams = (some: readonly BundledFile[]): readonly string[] =>
        some.flatMap((file) => file.modules.filter((path) => path.includes("/nats/jetstream/")));
      assert.ok(streams(files).length > 0);
      if (files.length > 1) assert.equal(streams(files.filter(({ eager }) => eager)), []);
    });
  });
}
