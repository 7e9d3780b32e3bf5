import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import { gatewayBehaviour } from "./gateway-behaviour.ts";
import { storedEvents } from "./stored-events.ts";

const broker = new MemoryBroker();
gatewayBehaviour({ name: "memory", connect: () => new MemoryTransport({ broker }) });
storedEvents({ name: "memory", connect: () => new MemoryTransport({ broker }) });
