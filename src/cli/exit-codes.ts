/** What the command line ends with. */
export const exitCodes = {
  /** It did what was asked. */
  done: 0,
  /** The answer is an error, a check found a problem, or a change is breaking. */
  failed: 1,
  /** It was called wrongly, or the contract file cannot be used. */
  usage: 2,
  /** There is no connection: nothing could be reached, or the credentials were refused. */
  noConnection: 3,
  /** Ctrl-C, or the signal to end, came first. */
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
