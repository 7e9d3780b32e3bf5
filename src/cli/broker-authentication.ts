import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { NatsCredentials, NatsTlsOptions } from "../nats/authentication.ts";
import type { BrokerOptions } from "./connection-options.ts";
import type { UrlCredentials } from "./server-urls.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Who connects to the broker: what the options say, else the variables of the `nats` command line, else the URL.
 *
 * @throws {UsageError} for options that contradict each other, a variable that is empty, a file that cannot be read
 */
export async function brokerAuthentication(
  options: BrokerOptions,
  fromUrl: UrlCredentials | undefined,
  { environment, folder }: Surroundings,
): Promise<NatsCredentials> {
  const tls = tlsOptions(options, environment, folder);
  const credentials = await credentialsOf(options, fromUrl, environment, folder);
  return { ...credentials, ...(tls === undefined ? {} : { tls }) };
}

/** The value of an environment variable that an option names. @throws {UsageError} where it is empty */
export function secretFrom(environment: Surroundings["environment"], name: string, option: string): string {
  // Somebody who gives the secret itself must not read it in an error.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
    throw new UsageError(`Cannot use ${option}: the name of an environment variable is wanted, not the secret itself`);
  }
  const value = environment[name];
  if (!value) throw new UsageError(`The environment variable that ${option} names is not set`, `Set it: export NAME=…`);
  return value;
}

async function credentialsOf(
  options: BrokerOptions,
  fromUrl: UrlCredentials | undefined,
  environment: Surroundings["environment"],
  folder: string,
): Promise<NatsCredentials> {
  const given = [
    ["--user", options.user],
    ["--token-env", options.tokenEnv],
    ["--creds", options.creds],
    ["--nkey-file", options.nkeyFile],
  ].filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new UsageError(`Cannot use ${given.map(([name]) => name).join(" with ")}: one kind of credentials is wanted`);
  }
  if (options.passwordEnv !== undefined && options.user === undefined && !environment["NATS_USER"]) {
    throw new UsageError("Cannot use --password-env without --user");
  }
  const chosen = given.length === 1 ? options : {
    creds: environment["NATS_CREDS"] || undefined,
    nkeyFile: environment["NATS_NKEY"] || undefined,
    user: environment["NATS_USER"] || undefined,
    tokenEnv: environment["NATS_TOKEN"] ? "NATS_TOKEN" : undefined,
  };
  if (chosen.creds !== undefined) return { creds: await readText(chosen.creds, folder, "--creds") };
  if (chosen.nkeyFile !== undefined) {
    return { nkeySeed: seedIn(await readText(chosen.nkeyFile, folder, "--nkey-file")) };
  }
  if (chosen.user !== undefined) {
    return { user: chosen.user, password: passwordOf(options, environment) };
  }
  if (chosen.tokenEnv !== undefined) return { token: secretFrom(environment, chosen.tokenEnv, "--token-env") };
  return fromUrl ?? {};
}

function passwordOf({ passwordEnv }: BrokerOptions, environment: Surroundings["environment"]): string {
  if (passwordEnv !== undefined) return secretFrom(environment, passwordEnv, "--password-env");
  const password = environment["NATS_PASSWORD"];
  if (password) return password;
  throw new UsageError(
    "There is no password for the user",
    "Put it into NATS_PASSWORD, or name another environment variable with --password-env",
  );
}

/** A seed may have lines of comments around it. */
function seedIn(text: string): string {
  const seed = /^\s*(SU[A-Z2-7]{50,})\s*$/m.exec(text)?.[1];
  if (seed !== undefined) return seed;
  throw new UsageError("Cannot use --nkey-file: there is no user's seed in it, a line that starts with SU");
}

function tlsOptions(
  options: BrokerOptions,
  environment: Surroundings["environment"],
  folder: string,
): NatsTlsOptions | undefined {
  const path = (given: string | undefined, variable: string): string | undefined => {
    const named = given ?? (environment[variable] || undefined);
    return named === undefined ? undefined : resolve(folder, named);
  };
  const caFile = path(options.tlsCa, "NATS_CA");
  const certFile = path(options.tlsCert, "NATS_CERT");
  const keyFile = path(options.tlsKey, "NATS_KEY");
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError("Cannot use a client certificate without its key: --tls-cert and --tls-key go together");
  }
  if (caFile === undefined && certFile === undefined && options.tlsFirst !== true) return undefined;
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(options.tlsFirst === true ? { handshakeFirst: true } : {}),
  };
}

async function readText(path: string, folder: string, option: string): Promise<string> {
  try {
    return await readFile(resolve(folder, path), "utf8");
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    throw new UsageError(
      `Cannot read the file of ${option}: ${code === "ENOENT" ? `there is no ${path}` : String(code)}`,
    );
  }
}
