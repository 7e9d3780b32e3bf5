import { natsBehaviour } from "./nats-behaviour.ts";

await natsBehaviour("nats over WebSocket", (server) => server.websocketUrl);
