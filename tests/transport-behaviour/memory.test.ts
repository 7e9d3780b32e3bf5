import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import { transportBehaviour } from "./transport-behaviour.ts";

const broker = new MemoryBroker();
transportBehaviour({ name: "memory", connect: () => new MemoryTransport({ broker }) });
