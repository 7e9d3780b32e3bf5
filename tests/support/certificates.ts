import "reflect-metadata"; // @peculiar/x509 refuses to load without it
import * as x509 from "@peculiar/x509";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A certificate with its private key, as PEM text and as files. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** What TLS tests need; every file lies in one temporary folder. */
export interface TestCertificates {
  readonly folder: string;
  /** Signed everything below except {@linkcode otherAuthority} and {@linkcode strangerClient}. */
  readonly authority: CertificatePair;
  /** For `localhost`, `127.0.0.1` and `::1`. */
  readonly server: CertificatePair;
  /** Right in every way except its names: `elsewhere.example`. */
  readonly misnamedServer: CertificatePair;
  /** Right in every way except its validity, which ended yesterday. */
  readonly expiredServer: CertificatePair;
  readonly client: CertificatePair;
  /** Its validity ended yesterday. */
  readonly expiredClient: CertificatePair;
  /** Signed nothing that the server or the clients above have. */
  readonly otherAuthority: CertificatePair;
  /** A client of {@linkcode otherAuthority}. */
  readonly strangerClient: CertificatePair;
  /** Removes the folder; it goes with the process otherwise. */
  remove(): void;
}

interface Identity {
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

interface CertificateRequest {
  readonly name: string;
  readonly issuer?: Identity;
  readonly notAfter?: Date;
  readonly extensions: x509.Extension[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 60 * 60 * 1000;

/** Makes two authorities and the certificates that they sign, in a new temporary folder. */
export async function makeCertificates(): Promise<TestCertificates> {
  const folder = mkdtempSync(join(tmpdir(), "messaging-certificates-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);

  const authority = await issueAuthority("Test Authority");
  const otherAuthority = await issueAuthority("Other Authority");
  const yesterday = new Date(Date.now() - dayMs);
  return {
    folder,
    remove,
    authority: await write(folder, "authority", authority),
    server: await write(folder, "server", await issueServer(authority, ["localhost", "127.0.0.1", "::1"])),
    misnamedServer: await write(folder, "misnamed-server", await issueServer(authority, ["elsewhere.example"])),
    expiredServer: await write(
      folder,
      "expired-server",
      await issueServer(authority, ["localhost", "127.0.0.1", "::1"], yesterday),
    ),
    client: await write(folder, "client", await issueClient(authority, "test-client")),
    expiredClient: await write(folder, "expired-client", await issueClient(authority, "expired-client", yesterday)),
    otherAuthority: await write(folder, "other-authority", otherAuthority),
    strangerClient: await write(folder, "stranger-client", await issueClient(otherAuthority, "stranger-client")),
  };
}

function issueAuthority(name: string): Promise<Identity> {
  const usage = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
  return issue({
    name,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true), new x509.KeyUsagesExtension(usage, true)],
  });
}

function issueServer(issuer: Identity, names: string[], notAfter?: Date): Promise<Identity> {
  const alternatives = names.map((value) => ({
    type: /^[\d.]+$|:/.test(value) ? "ip" as const : "dns" as const,
    value,
  }));
  const usage = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
  return issue({
    name: names[0]!,
    issuer,
    ...(notAfter === undefined ? {} : { notAfter }),
    extensions: [new x509.SubjectAlternativeNameExtension(alternatives), usage],
  });
}

function issueClient(issuer: Identity, name: string, notAfter?: Date): Promise<Identity> {
  const alternatives = [{ type: "email" as const, value: `${name}@example.com` }];
  const usage = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);
  return issue({
    name,
    issuer,
    ...(notAfter === undefined ? {} : { notAfter }),
    extensions: [new x509.SubjectAlternativeNameExtension(alternatives), usage],
  });
}

async function issue({ name, issuer, notAfter, extensions }: CertificateRequest): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const subject = `CN=${name}, O=Magic Button`;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: crypto.randomUUID().replaceAll("-", "").replace(/^./, "1"),
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(Date.now() - 10 * dayMs),
    notAfter: notAfter ?? new Date(Date.now() + 10 * dayMs),
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: algorithm,
    extensions,
  });
  return { keys, certificate };
}

async function write(folder: string, name: string, { keys, certificate }: Identity): Promise<CertificatePair> {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const pair: CertificatePair = {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    certificateFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  };
  writeFileSync(pair.certificateFile, pair.certificate);
  writeFileSync(pair.keyFile, pair.key, { mode: 0o600 });
  return pair;
}
