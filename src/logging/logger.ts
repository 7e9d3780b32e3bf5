/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Named values of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where the library writes what it notices; `console`, pino and others fit through a few lines. Its methods must
 * not throw.
 */
export interface Logger {
  /** For someone who looks for a fault. */
  debug(message: string, fields?: LogFields): void;
  /** For the record. */
  info(message: string, fields?: LogFields): void;
  /** Something was refused or lost, and the program goes on. */
  warn(message: string, fields?: LogFields): void;
  /** A program's own code failed. */
  error(message: string, fields?: LogFields): void;
}

/** Writes nothing: the default. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
