import { NatsTransport } from "../../mod.ts";
import { natsBehaviour } from "./nats-behaviour.ts";

await natsBehaviour("nats over WebSocket", (server) => new NatsTransport({ servers: server.websocketUrl }));
