import { durableBehaviour } from "./durable-behaviour.ts";
import { withNats } from "./durable-kind.ts";

await withNats("NATS over WebSocket", ({ websocketPort }) => `ws://127.0.0.1:${websocketPort}`, durableBehaviour);
