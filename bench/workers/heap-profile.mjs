// The functions that allocated most themselves, by V8's sampling heap profiler; what was collected meanwhile counts too.
import { functionName } from "./function-name.mjs";

const samplingIntervalBytes = 512;
let session;

export async function startHeapProfile() {
  // Not every runtime that runs these files has it.
  const { Session } = await import("node:inspector/promises");
  session = new Session();
  session.connect();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: samplingIntervalBytes,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
}

/** Each function's bytes, the most first. */
export async function stopHeapProfile() {
  const { profile } = await session.post("HeapProfiler.stopSampling");
  session.disconnect();
  const bytesOf = new Map();
  const visit = ({ callFrame, selfSize, children }) => {
    const name = functionName(callFrame);
    bytesOf.set(name, (bytesOf.get(name) ?? 0) + selfSize);
    children.forEach(visit);
  };
  visit(profile.head);
  return [...bytesOf].map(([name, bytes]) => ({ name, bytes })).sort((
    one,
    other,
  ) => other.bytes - one.bytes);
}
