/** What a runtime is tested over: the columns of the table. */
export const transportNames = [
  "memory",
  "TCP",
  "TLS",
  "mutual TLS",
  "WebSocket",
  "WebSocket with certificates",
  "HTTP",
  "gateway",
] as const;

export type TransportName = (typeof transportNames)[number];

/** What came of one transport in one runtime. */
export interface TransportReport {
  readonly transport: TransportName;
  /** Tests that ran. */
  readonly run: number;
  /** Tests that passed because it works. */
  readonly passed: number;
  /** Tests that passed because it is refused with its reason, as designed. */
  readonly refused: number;
  readonly failed: number;
  /** What the refused calls said. */
  readonly reasons: readonly string[];
}

/** Marks the line of a runtime's output that holds its reports as JSON. */
export const reportMark = "@@reports ";
