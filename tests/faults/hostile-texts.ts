import process from "node:process";
import { runTestFile } from "../../scripts/test-file.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";

const files = [
  "tests/nats/injection.test.ts",
  "tests/nats/injection-server.test.ts",
  "tests/nats/injection-connection.test.ts",
];

/** A3: the tests of injection, which pass 500 strings through every parameter, with other strings each time. */
export const hostileTexts: Experiment = {
  id: "A3",
  promise: "No text that is passed to the library becomes a command, a header or another subject",
  sizes: { small: "500 strings through every parameter", large: "4 times 500 strings through every parameter" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 600_000,
  run: async ({ size, seed }) => {
    let passed = 0;
    const failed: string[] = [];
    let heard = 0;
    for (let round = 0; round < (size === "small" ? 1 : 4); round++) {
      for (const file of files) {
        const environment = { TEST_SEED: String(seed + round), NATS_SERVER: process.env["NATS_SERVER"] ?? "" };
        const { counts, output, problem } = await runTestFile(file, environment);
        passed += counts.passed;
        if (counts.failed > 0) failed.push(problem ?? output);
        for (const [, messages] of output.matchAll(/, (\d+) messages heard:/g)) heard += Number(messages);
      }
    }
    return [
      { name: "tests passed", value: passed, limit: { atLeast: 1 } },
      { name: "messages that a spy heard", value: heard, limit: { atLeast: 1 } },
      { name: "tests with a frame, a header or a subject that nobody sent", value: failed.length, limit: none },
    ];
  },
};
