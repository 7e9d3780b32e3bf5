// The entry of Bun. It takes the condition "node": TCP by @nats-io/transport-node, certificates for a WebSocket by its
// own stand-in for the `ws` package.
import { reportFromProcess } from "./report-from-process.ts";

await reportFromProcess({});
