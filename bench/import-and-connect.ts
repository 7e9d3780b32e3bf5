// `node --import tsx bench/import-and-connect.ts [runs]`: how long it takes to import the packed library and to connect,
// as ratios to @nats-io/transport-node alone, on Node, Bun and Deno. Each run is a process of its own, the contenders take
// turns, and the table has the medians.
import process from "node:process";
import { findNatsServer } from "../scripts/nats-server.ts";
import {
  installPackage,
  type NpmRuntime,
  npmRuntimes,
} from "../tests/packaging/installed-package.ts";
import { startNatsServer } from "../tests/support/nats-server.ts";

interface Timing {
  readonly importMs: number;
  readonly connectMs: number;
}

const contenders = ["nats-core", "library", "memory"] as const;
type Contender = (typeof contenders)[number];

const runs = Number(process.argv[2] ?? 25);
// The harness never installs one by itself.
await findNatsServer();
await using server = await startNatsServer();
const { write, start } = await installPackage();

const connecting: Record<Contender, string> = {
  "nats-core": `const { connect } = await import("@nats-io/transport-node");
const importedAt = performance.now();
await connect({ servers: "127.0.0.1:${server.port}" });`,
  library:
    `const { createContract, createMessagingClient, NatsTransport } = await import("@magicbutton/messaging");
const importedAt = performance.now();
const transport = new NatsTransport({ servers: "${server.url}" });
await createMessagingClient({ contract: createContract({ name: "bench", version: "1.0.0" }), transport }).connect();`,
  memory:
    `const { createContract, createMessagingClient, MemoryTransport } = await import("@magicbutton/messaging");
const importedAt = performance.now();
const transport = new MemoryTransport();
await createMessagingClient({ contract: createContract({ name: "bench", version: "1.0.0" }), transport }).connect();`,
};
for (const contender of contenders) {
  await write(
    `${contender}.mjs`,
    `const startedAt = performance.now();
${connecting[contender]}
const connectedAt = performance.now();
console.log(JSON.stringify({ importMs: importedAt - startedAt, connectMs: connectedAt - importedAt }));
process.exit();
`,
  );
}

async function measure(
  runtime: NpmRuntime,
  contender: Contender,
): Promise<Timing> {
  await using program = await start(runtime, `${contender}.mjs`);
  const { standardOutput, errorOutput, exitCode } = await program.ended();
  if (exitCode !== 0) {
    throw new Error(
      `${contender} in ${runtime} ended with ${exitCode}: ${errorOutput}`,
    );
  }
  return JSON.parse(standardOutput);
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}

console.log(
  `Medians of ${runs} runs, in ms; × is the ratio to nats-core alone\n`,
);
console.log("| runtime | what | import | connect | both |");
console.log("| --- | --- | --- | --- | --- |");
for (const runtime of npmRuntimes) {
  const timings: Record<Contender, Timing[]> = {
    "nats-core": [],
    library: [],
    memory: [],
  };
  // The first round fills caches, of the system and of Deno, and counts for nothing.
  for (let round = 0; round <= runs; round++) {
    for (const contender of contenders) {
      const timing = await measure(runtime, contender);
      if (round > 0) timings[contender].push(timing);
    }
  }
  const row = (contender: Contender): number[] => [
    median(timings[contender].map(({ importMs }) => importMs)),
    median(timings[contender].map(({ connectMs }) => connectMs)),
    median(
      timings[contender].map(({ importMs, connectMs }) => importMs + connectMs),
    ),
  ];
  const reference = row("nats-core");
  for (const contender of contenders) {
    const cells = row(contender).map((ms, index) =>
      `${ms.toFixed(1)} (×${(ms / reference[index]!).toFixed(2)})`
    );
    console.log(`| ${runtime} | ${contender} | ${cells.join(" | ")} |`);
  }
}
// Ended by hand: what a child process left open keeps nobody waiting.
await server.stop();
process.exit();
