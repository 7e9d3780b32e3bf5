import { eventStoreBehaviour } from "./event-store-behaviour.ts";
import { memoryKind } from "./memory-kind.ts";

eventStoreBehaviour(memoryKind());
