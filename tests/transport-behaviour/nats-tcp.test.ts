import { NatsTransport } from "../../mod.ts";
import { natsBehaviour } from "./nats-behaviour.ts";

await natsBehaviour("nats over TCP", (server) => new NatsTransport({ servers: server.url }));
