import { durableBehaviour } from "./durable-behaviour.ts";
import { memoryKind } from "./durable-kind.ts";

durableBehaviour(memoryKind());
