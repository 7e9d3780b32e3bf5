// Holds src/ to the arrows of the house. The tables below are the whole of the rules.
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  checkFileNames,
  checkNatsPackages,
  checkRooms,
  checkRuntimeModules,
  checkTelemetryPackages,
  type ImportRules,
} from "./imports/checks.ts";
import { checkCycles } from "./imports/cycles.ts";
import { readLibrary } from "./imports/library.ts";

/** Which rooms of src/ a room may import from; its own files and `logging` always, and `import type` from `errors`. */
const rooms: Record<string, readonly string[]> = {
  errors: [],
  logging: [],
  contract: ["errors"],
  message: ["errors"],
  transport: ["errors", "message"],
  memory: ["errors", "message", "transport"],
  nats: ["errors", "message", "transport"],
  http: ["errors", "message", "transport"],
  // What both ends do with events that are stored; a program without them never loads it.
  durable: ["errors", "contract", "message", "transport"],
  client: ["errors", "contract", "message", "transport", "durable"],
  server: ["errors", "contract", "message", "transport", "durable"],
  // Of transport: the clock, and the interface that the service of an auth callout listens through.
  security: ["errors", "contract", "message", "transport"],
  // Of client: the type of what looks at its connection; of the others: asking servers through that connection.
  describe: ["errors", "contract", "message", "transport", "client"],
  otel: ["errors", "contract", "message", "transport"],
  // A client of the broker on its inside, an HTTP server on its outside.
  gateway: ["errors", "contract", "message", "transport", "durable", "client", "http", "describe"],
  // Everything that a program under test is made of, over memory.
  testing: ["errors", "contract", "message", "transport", "memory", "client", "server", "describe"],
  // A program that uses the library, and looks into connections where it looks for what is wrong.
  cli: ["errors", "contract", "message", "transport", "durable", "nats", "http", "client", "describe", "security"],
};

const rules: ImportRules & { typesMakeRings: boolean } = {
  rooms,
  everywhere: ["logging"],
  typesEverywhere: ["errors"],
  // Files that are chosen by runtime, and the command line: they may name what only one runtime has.
  runtimeFolders: ["src/nats/tcp/", "src/nats/websocket/", "src/cli/"],
  runtimeModules: /^(node:|bun:|jsr:|npm:|ws$|@nats-io\/transport-(node|deno)$)/,
  natsFolder: "src/nats/",
  natsModules: /^(@nats-io\/|#tcp$|#websocket$)/,
  keyFolder: "src/security/",
  keyModules: /^@nats-io\/(jwt|nkeys)$/,
  lazyModules: /^@nats-io\//,
  telemetryFolder: "src/otel/",
  telemetryModules: /^@opentelemetry\/api$/,
  typesMakeRings: true,
  // It imports the contract file that somebody names on the command line.
  computedFiles: ["src/cli/import-module.ts"],
  forbiddenFileNames: ["utils.ts", "types.ts", "helpers.ts", "index.ts"],
  maximumLines: 300,
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const library = await readLibrary();
const violations = [
  ...checkRooms(library, rules),
  ...checkRuntimeModules(library, rules),
  ...checkNatsPackages(library, rules),
  ...checkTelemetryPackages(library, rules),
  ...checkCycles(library, rules),
  ...checkFileNames(library, rules),
];
for (const { path, line, reason } of violations) console.log(`${path}:${line} ${reason}`);
console.log(`${library.files.size} files, ${violations.length} violations`);
process.exitCode = violations.length > 0 ? 1 : 0;
