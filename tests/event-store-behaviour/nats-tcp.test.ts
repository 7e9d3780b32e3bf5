import { natsBehaviour } from "./nats-behaviour.ts";

await natsBehaviour("nats over TCP", (server) => server.url);
