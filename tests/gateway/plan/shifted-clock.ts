import { type Clock, systemClock } from "../../../src/transport/clock.ts";

/** The runtime's clock, which can be put forward and back while the gateway runs. */
export class ShiftedClock implements Clock {
  /** How far the time of day is from the machine's, in milliseconds. */
  dateShiftMs = 0;
  /** How far the measured time is from the machine's, in milliseconds. */
  nowShiftMs = 0;

  now(): number {
    return systemClock.now() + this.nowShiftMs;
  }

  date(): number {
    return systemClock.date() + this.dateShiftMs;
  }

  after: Clock["after"] = (delayMs, callback) => systemClock.after(delayMs, callback);
  randomBytes: Clock["randomBytes"] = (bytes) => systemClock.randomBytes(bytes);
}
