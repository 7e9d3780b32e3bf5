// The entry of a browser: a page that runs the suites and posts its reports; `start-browser.ts` bundles and opens it.
import type { Brokers } from "./brokers.ts";
import { runRuntimeSuites } from "./runtime-suites.ts";

const lines: string[] = [];
console.log = (...parts: unknown[]) => void lines.push(parts.join(" "));

const brokers = await (await fetch("/data")).json() as Brokers;
const reports = await runRuntimeSuites(brokers, {
  tcp: /^There are no TCP connections to NATS in this browser or worker: give a ws:\/\/ or wss:\/\/ server/,
  websocketCertificates: /^A WebSocket in this browser or worker takes no certificates: /,
});
await fetch("/result", { method: "POST", body: JSON.stringify({ reports, output: lines.join("\n") }) });
