import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import { httpKind } from "./http-kind.ts";
import { transportBehaviour } from "./transport-behaviour.ts";

const broker = new MemoryBroker();
transportBehaviour(httpKind("HTTP to a gateway in this process", () => new MemoryTransport({ broker })));
