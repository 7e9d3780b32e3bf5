// What a program allocates: the growth of its memory while nothing is collected. Needs --expose-gc and a new space large
// enough for all of it, and is the same each time only with --single-threaded, where the compiler's work and the freeing
// of buffers fall on the same requests in every run.
import process from "node:process";

let profiler;
let bytesBefore;

/** Begins to count. */
export async function startAllocations() {
  // Not every runtime that runs these files has it.
  const { GCProfiler } = await import("node:v8");
  globalThis.gc();
  profiler = new GCProfiler();
  profiler.start();
  bytesBefore = bytesNow();
}

/** The bytes allocated since, in the heap and in buffers outside it. */
export function stopAllocations() {
  const bytes = bytesNow() - bytesBefore;
  const collections = profiler.stop().statistics.length;
  if (collections > 0) {
    throw new Error(
      `The heap was collected ${collections} times while allocations were counted`,
    );
  }
  return bytes;
}

function bytesNow() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
