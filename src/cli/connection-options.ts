import { type Command, Option } from "commander";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./usage-error.ts";

/** The options by which a command finds the broker. */
export interface BrokerOptions {
  /** URLs of NATS servers. */
  readonly server?: readonly string[];
  /** The user's name. */
  readonly user?: string;
  /** The environment variable with the password. */
  readonly passwordEnv?: string;
  /** The environment variable with the broker's token. */
  readonly tokenEnv?: string;
  /** The path of a `.creds` file. */
  readonly creds?: string;
  /** The path of a file with an nkey seed. */
  readonly nkeyFile?: string;
  /** The path of the certificate authority's PEM file. */
  readonly tlsCa?: string;
  /** The path of the client certificate's PEM file. */
  readonly tlsCert?: string;
  /** The path of the client key's PEM file. */
  readonly tlsKey?: string;
  /** Whether TLS comes before the server's first word. */
  readonly tlsFirst?: boolean;
  /** The start of reply subjects. */
  readonly inboxPrefix?: string;
  /** The deployment's tokens in front of every subject. */
  readonly namespace?: string;
  /** Whether a password may travel unencrypted to another machine. */
  readonly dangerouslyAllowPlaintext?: boolean;
  /** How long each wait may last, in milliseconds. */
  readonly timeout?: number;
}

/** The options by which a command calls services: over the broker, or through a gateway. */
export interface CallerOptions extends BrokerOptions {
  /** The gateway's URL. */
  readonly http?: string;
  /** The environment variable with the bearer token. */
  readonly bearerEnv?: string;
}

/** What every command takes. */
export interface CommonOptions {
  /** Whether results are for machines. */
  readonly json?: boolean;
}

const group = "Connection:";

/** Adds the options by which a command finds the broker. */
export function addBrokerOptions(command: Command): Command {
  const add = (flags: string, description: string): void => {
    command.addOption(new Option(flags, description).helpGroup(group));
  };
  command.addOption(
    new Option(
      "-s, --server <url>",
      "NATS server; several, or with commas between them (NATS_URL) (default: nats://127.0.0.1:4222)",
    )
      .argParser(collect).helpGroup(group),
  );
  add("--user <name>", "user of the broker (NATS_USER)");
  add("--password-env <variable>", "environment variable with its password (default: NATS_PASSWORD)");
  add("--token-env <variable>", "environment variable with the broker's token (default: NATS_TOKEN)");
  add("--creds <file>", "credentials file of a user (NATS_CREDS)");
  add("--nkey-file <file>", "file with the nkey seed of a user (NATS_NKEY)");
  add("--tls-ca <file>", "PEM file of the certificate authority (NATS_CA)");
  add("--tls-cert <file>", "PEM file of the client certificate (NATS_CERT)");
  add("--tls-key <file>", "PEM file of the client key (NATS_KEY)");
  add("--tls-first", "encrypt before the server's first word");
  add("--inbox-prefix <prefix>", "start of reply subjects, where the broker keeps users apart (default: _INBOX)");
  add("--namespace <tokens>", "deployment's tokens in front of every subject");
  add("--dangerously-allow-plaintext", "let a password travel unencrypted to another machine");
  addTimeoutOption(command, group);
  return command;
}

/** Adds the options by which a command calls services, over the broker or through a gateway. */
export function addCallerOptions(command: Command): Command {
  addBrokerOptions(command);
  command.addOption(new Option("--http <url>", "gateway to call instead of NATS").helpGroup(group));
  command.addOption(
    new Option("--bearer-env <variable>", "environment variable with the token that says who calls").helpGroup(group),
  );
  return command;
}

/** Adds what a command that loads a contract file takes. */
export function addContractOptions(command: Command): Command {
  return command.option("--export <name>", "export of the contract file, where it has several contracts");
}

/** Adds the bound of every wait. */
export function addTimeoutOption(command: Command, heading?: string): Command {
  const option = new Option("--timeout <duration>", "how long each wait may last, such as 500ms or 10s (default: 5s)")
    .argParser(readDuration("--timeout"));
  if (heading !== undefined) option.helpGroup(heading);
  return command.addOption(option);
}

/** Adds the switch for machines. */
export function addJsonOption(command: Command): Command {
  return command.option("--json", "print JSON for machines");
}

/** Reads the value of an option that is a duration. */
export function readDuration(option: string): (text: string) => number {
  return (text) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) {
      throw new UsageError(`Cannot use ${option}: a duration such as 500ms, 5s or 2m is wanted`);
    }
    return milliseconds;
  };
}

/** Reads an option that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...before ?? [], text];
}

/** Reads the values of an option of pairs: `--param region=eu`. */
export function readPairs(texts: readonly string[], option: string): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => {
    const end = text.indexOf("=");
    if (end < 1) throw new UsageError(`Cannot use ${option}: a name and a value with "=" between them are wanted`);
    return [text.slice(0, end), text.slice(end + 1)];
  }));
}
