import { deadlineBehaviour } from "./deadlines.ts";
import { eventBehaviour } from "./events.ts";
import { handlerBehaviour } from "./handlers.ts";
import { lifecycleBehaviour } from "./lifecycle.ts";
import { manyAnswersBehaviour } from "./many-answers.ts";
import { rawConnectionBehaviour } from "./raw-connection.ts";
import { refusalBehaviour } from "./refusals.ts";
import { requestBehaviour } from "./requests.ts";
import type { TransportKind } from "./transport-kind.ts";

/** The suite that every transport passes, in every runtime. */
export function transportBehaviour(kind: TransportKind): void {
  requestBehaviour(kind);
  deadlineBehaviour(kind);
  eventBehaviour(kind);
  handlerBehaviour(kind);
  lifecycleBehaviour(kind);
  rawConnectionBehaviour(kind);
  manyAnswersBehaviour(kind);
  refusalBehaviour(kind);
}
