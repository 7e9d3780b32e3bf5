// The functions that took the most time themselves, by V8's sampling profiler.
import { functionName } from "./function-name.mjs";

const samplingIntervalUs = 200;
let session;

export async function startCpuProfile() {
  // Not every runtime that runs these files has it.
  const { Session } = await import("node:inspector/promises");
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", {
    interval: samplingIntervalUs,
  });
  await session.post("Profiler.start");
}

/** Each function's share of the time that the process was not idle, the largest first. */
export async function stopCpuProfile() {
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const timeOf = new Map();
  const frameOf = new Map(
    profile.nodes.map((node) => [node.id, node.callFrame]),
  );
  for (const [index, id] of profile.samples.entries()) {
    const name = functionName(frameOf.get(id));
    timeOf.set(name, (timeOf.get(name) ?? 0) + profile.timeDeltas[index]);
  }
  const idleUs = timeOf.get("(idle)") ?? 0;
  timeOf.delete("(idle)");
  const busyUs = [...timeOf.values()].reduce((sum, time) => sum + time, 0);
  const functions = [...timeOf].map(([name, time]) => ({
    name,
    share: time / busyUs,
  }))
    .sort((one, other) => other.share - one.share);
  return { busyShare: busyUs / (busyUs + idleUs), functions };
}
