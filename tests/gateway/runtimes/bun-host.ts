import process from "node:process";
import { createHost } from "./host.ts";

const { Bun } = globalThis as unknown as {
  Bun: { serve(options: { hostname: string; port: number; idleTimeout: number; fetch: unknown }): { port: number } };
};
const fetch = createHost(JSON.parse(process.env["HOST"]!));
// Streams of events are silent for longer than Bun's own 10 s.
const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 60, fetch });
console.log(`listening on ${port}`);
