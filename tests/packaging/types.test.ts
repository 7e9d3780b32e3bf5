import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { startProgram } from "../support/program.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { describe } from "../support/suite.ts";
import { type InstalledPackage, installPackage } from "./installed-package.ts";
import { oldestTypeScript } from "./oldest-typescript.ts";

const timeoutMs = 90_000;

const program =
  `import { createContract, createMessagingClient, createMessagingServer, MemoryTransport, safe } from "@magicbutton/messaging";
import { createMessagingClient as createOtherClient, isMessagingError, NatsTransport } from "@magicbutton/nats-transport";
import { schemaOf } from "./schema.ts";

export const contract = createContract({
  name: "orders",
  version: "1.0.0",
  errors: { OUT_OF_STOCK: { data: schemaOf<{ sku: string }>() }, CLOSED: {} },
  requests: {
    order: { request: schemaOf<{ sku: string }>(), response: schemaOf<{ id: string }>(), errors: ["OUT_OF_STOCK", "CLOSED"] },
  },
  events: { moved: { schema: schemaOf<{ region: string }>(), subject: "{region}" } },
});
const transport = new MemoryTransport();
const server = createMessagingServer({ contract, transport });
server.registerHandler("order", ({ sku }, context) => {
  if (sku === "") throw context.error("OUT_OF_STOCK", { sku });
  return { id: sku };
});
export const client = createMessagingClient({ contract, transport: new NatsTransport({ servers: ["nats://127.0.0.1"] }) });
export const other = createOtherClient({ contract, transport });
export const id: string = (await client.request("order", { sku: "A1" })).id;
// @ts-expect-error -- an id is a string: the types are there, and are not any
export const wrong: number = (await client.request("order", { sku: "A1" })).id;
const result = await safe(client.request("order", { sku: "A1" }));
export const missing: string | undefined = !result.ok && isMessagingError(result.error, "OUT_OF_STOCK") ? result.error.code : undefined;
export const moves = client.subscribe("moved", { params: { region: "eu" } }, ({ region }) => region.toUpperCase());
`;

// A schema without Valibot, whose own types need the DOM's Blob and File.
const schema = `import type { StandardSchema } from "@magicbutton/messaging";

export declare function schemaOf<T>(): StandardSchema<T, T>;
`;

const misspelt = `import type { HandlerContext } from "@magicbutton/messaging";
import type { contract } from "./program.ts";

export function fail(context: HandlerContext<typeof contract, "order">): never {
  throw context.error("OUT_OF_STOK", { sku: "" });
}
`;

// All that the library's types ask of a runtime: whoever has neither the DOM's types nor a runtime's declares these.
const ambientNames = ["AbortSignal", "CryptoKey", "Request", "RequestInit", "Response"];

interface CheckedTypes {
  readonly compiler: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
}

async function typeErrors(
  { folder, write }: InstalledPackage,
  { compiler, options, files }: CheckedTypes,
): Promise<string> {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: false,
    ...options,
  };
  const name = `tsconfig-${crypto.randomUUID()}.json`;
  await write(name, JSON.stringify({ compilerOptions, files }));
  await using checking = startProgram(process.execPath, [compiler, "--project", name, "--pretty", "false"], { folder });
  const { exitCode, standardOutput, errorOutput } = await checking.ended();
  assert.is(errorOutput, "");
  assert.is(exitCode === 0, standardOutput === "", standardOutput);
  return standardOutput;
}

let prepared: Promise<InstalledPackage> | undefined;

function prepare(): Promise<InstalledPackage> {
  return prepared ??= (async () => {
    const project = await installPackage();
    await project.install(`typescript-oldest@npm:typescript@${oldestTypeScript}`);
    await project.write("program.ts", program);
    await project.write("schema.ts", schema);
    await project.write("misspelt.ts", misspelt);
    await project.write("ambient.d.ts", ambientNames.map((name) => `interface ${name} {}\n`).join(""));
    const { exports } = JSON.parse(await readFile(join(project.dist, "package.json"), "utf8"));
    const entries = Object.keys(exports).filter((path) => !path.endsWith(".json"));
    const imports = entries.map((path, index) => {
      return `export * as entry${index} from "${posix.join("@magicbutton/messaging", path)}";\n`;
    });
    await project.write("entries.ts", imports.join(""));
    return project;
  })();
}

const compilers = {
  [`TypeScript ${oldestTypeScript}`]: (folder: string) => join(folder, "node_modules/typescript-oldest/bin/tsc"),
  "this repository's TypeScript": () =>
    fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url)),
};
const resolutions = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

for (const [title, findCompiler] of Object.entries(compilers)) {
  describe(`The packed types under ${title}`, (test) => {
    for (const [resolution, options] of Object.entries(resolutions)) {
      test(`are right with "${resolution}" and the DOM, the libraries checked too`, { timeoutMs }, async () => {
        const project = await prepare();
        const compiler = findCompiler(project.folder);
        const lib = ["es2022", "dom"];
        const files = ["program.ts", "entries.ts"];
        assert.is(await typeErrors(project, { compiler, files, options: { ...options, lib } }), "");
      });

      const names = ambientNames.join(" and ");
      test(`are right with "${resolution}" and no DOM but ${names}`, { timeoutMs }, async () => {
        const project = await prepare();
        const compiler = findCompiler(project.folder);
        const files = ["program.ts", "entries.ts", "ambient.d.ts"];
        assert.is(await typeErrors(project, { compiler, files, options }), "");
      });
    }

    test("answer a code that is not the contract's with those that are", { timeoutMs }, async () => {
      const project = await prepare();
      const compiler = findCompiler(project.folder);
      const options = { ...resolutions.nodenext, lib: ["es2022", "dom"] };
      const errors = await typeErrors(project, { compiler, files: ["misspelt.ts"], options });
      const told = /'"OUT_OF_STOK"' is not assignable to parameter of type '(.*)'/.exec(errors)?.[1];
      assert.equal(told?.split(" | ").sort(), ['"CLOSED"', '"OUT_OF_STOCK"'], errors);
      assert.is(errors.match(/error TS/g)?.length, 1);
    });

    test(`need ${ambientNames.join(" and ")}, and nothing else of the DOM`, { timeoutMs }, async () => {
      const project = await prepare();
      const compiler = findCompiler(project.folder);
      const errors = await typeErrors(project, { compiler, files: ["entries.ts"], options: resolutions.nodenext });
      const messages = [...errors.matchAll(/error TS\d+: (.*)/g)].map((match) => match[1]);
      assert.equal([...new Set(messages)].sort(), ambientNames.map((name) => `Cannot find name '${name}'.`));
    });
  });
}

describe("The packed types in Deno", (test) => {
  test("are right, and those of two copies are the same", { timeoutMs }, async () => {
    const { folder } = await prepare();
    const { path } = await findRuntime("deno");
    await using checking = startProgram(path, ["check", "--quiet", "--no-lock", "--all", "program.ts"], { folder });
    const { exitCode, errorOutput } = await checking.ended();
    assert.is(exitCode, 0, errorOutput);
  });
});
