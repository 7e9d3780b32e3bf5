/** Where in an event's way a consumer kills itself. */
export const killPoints = [
  "before the handler",
  "at the handler's start",
  "in the handler's middle",
  "at the handler's end",
  "before the acknowledgement",
  "while the acknowledgement is written",
  "behind the acknowledgement's turn",
  "after the acknowledgement",
] as const;

export type KillPoint = (typeof killPoints)[number];

/** When a consumer dies. */
export interface KillPlan {
  readonly point: KillPoint;
  /** At this event of its life. */
  readonly atEvent: number;
}
