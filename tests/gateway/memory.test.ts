import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import { gatewayBehaviour } from "./gateway-behaviour.ts";

const broker = new MemoryBroker();
gatewayBehaviour({ name: "memory", connect: () => new MemoryTransport({ broker }) });
