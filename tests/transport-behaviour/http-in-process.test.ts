import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import { connectToOwnGateway } from "./gateway-in-process.ts";
import { httpKind } from "./http-kind.ts";
import { transportBehaviour } from "./transport-behaviour.ts";

const broker = new MemoryBroker();
const serve = (): MemoryTransport => new MemoryTransport({ broker });
transportBehaviour(httpKind("HTTP to a gateway in this process", serve, connectToOwnGateway(serve)));
