import type { JsonSchema } from "../json.ts";

/** Something that may be sent and is refused. */
export interface Refusal {
  /** Where in the value, such as `.lines[].sku`; empty for the value itself. */
  readonly path: string;
  /** What it is, as what is said of the place. */
  readonly text: string;
  /** Whether that is certain; otherwise the two differ in what cannot be compared. */
  readonly isJudged: boolean;
}

/** Notes something that is refused. */
export type Refuse = (text: string, isJudged?: boolean) => void;

/** Looks at what stands in a value: what is sent there, all of which holds, and the schema that takes it. */
export type Cover = (sent: readonly JsonSchema[], taken: JsonSchema, name: string) => void;

/** How findings are told. */
export interface Findings {
  /** Something is refused here. */
  readonly refuse: Refuse;
  /** What is refused further inside. */
  readonly cover: Cover;
}
