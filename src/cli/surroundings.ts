/** Where text goes: standard output or standard error. */
export interface TextOutput {
  /** Writes; resolves when it is out of the program's hands. */
  write(text: string): Promise<void>;
  /** Whether somebody looks at it. */
  readonly isTerminal: boolean;
  /** How many characters a line has, where somebody looks at it. */
  readonly columns: number | undefined;
}

/** What the command line knows of the process it runs in. */
export interface Surroundings {
  /** Standard output: results alone. */
  readonly output: TextOutput;
  /** Standard error: progress, warnings and errors. */
  readonly errorOutput: TextOutput;
  /** All of standard input as bytes; reads nothing before it is asked. */
  readonly input: {
    /** Whether a person types it. */
    readonly isTerminal: boolean;
    /** Everything, until its end or the signal's. */
    read(signal: AbortSignal): Promise<Uint8Array>;
  };
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that paths start from. */
  readonly folder: string;
  /** Aborts on Ctrl-C and on the signal to end. */
  readonly interrupted: AbortSignal;
}
