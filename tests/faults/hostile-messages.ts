import { abuse } from "./abuse.ts";
import type { Experiment } from "./experiment.ts";
import { faultsSchemas } from "./faults-contract.ts";
import { hostileHeaderBlocks } from "./header-blocks.ts";
import { mutatedFrames } from "./mutated-frames.ts";

const frames = { small: 1_000, large: 33_400 };
const blocks = { small: 300, large: 2_000 };

/** A1: messages that begin as the contract wants them and do not stay so. */
export const hostileMessages: Experiment = {
  id: "A1",
  promise: "A message that is not what the contract wants hurts only itself",
  sizes: { small: "3,000 mutated frames", large: "100,200 mutated frames" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 400_000,
  run: (run) =>
    abuse(run, {
      frames: frames[run.size],
      requests: mutatedFrames(faultsSchemas.text),
      answers: mutatedFrames(faultsSchemas.text),
      events: mutatedFrames(faultsSchemas.ticked),
    }),
};

/** A2: header blocks that no library would write. */
export const hostileHeaders: Experiment = {
  id: "A2",
  promise: "A header block that nobody should write hurts only its message",
  sizes: { small: "900 header blocks", large: "6,000 header blocks" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 200_000,
  run: (run) =>
    abuse(run, {
      frames: blocks[run.size],
      requests: hostileHeaderBlocks(),
      answers: hostileHeaderBlocks(),
      events: hostileHeaderBlocks(),
    }),
};
