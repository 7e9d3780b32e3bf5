import type { BodyDescription, ContractDescription } from "./contract-description.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === "boolean";
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isAccess: Check = (value) => value === "public" || isTexts(value);
const isBody: Check = (value) =>
  hasFields<BodyDescription>(value, { optional: isFlag, schema: orAbsent(isJsonObject) });

const isDurable: Check = (value) =>
  isMapOf(isNumber)(value) && Object.keys(value as JsonObject).every((name) => /^[a-zA-Z]{1,64}$/.test(name));

/**
 * Reads a description that came from elsewhere, a file or a server.
 *
 * @throws {TypeError} naming the part that is no part of a description
 */
export function readContractDescription(value: unknown): ContractDescription {
  if (!isJsonObject(value) || value["format"] !== "magicbutton-contract-1") {
    throw new TypeError('Cannot read a contract: an object with `format: "magicbutton-contract-1"` is wanted');
  }
  const wrong = Object.entries(parts).find(([name, check]) => !check(value[name]));
  if (wrong !== undefined) throw new TypeError(`Cannot read a contract: its \`${wrong[0]}\` is not as described`);
  return value as unknown as ContractDescription;
}

const parts: Readonly<Record<Exclude<keyof ContractDescription, "format">, Check>> = {
  name: isText,
  version: (value) => typeof value === "string" && /^\d{1,9}\./.test(value),
  roles: isMapOf(isTexts),
  errors: isMapOf((error) =>
    hasFields(error, { status: isNumber, message: isText, retryable: isFlag, data: orAbsent(isBody) })
  ),
  requests: isMapOf((request) =>
    hasFields(request, {
      request: isBody,
      response: isBody,
      errors: isTexts,
      access: isAccess,
      idempotent: isFlag,
      timeoutMs: isNumber,
    })
  ),
  events: isMapOf((event) =>
    hasFields(event, { event: isBody, subject: isText, access: isAccess, durable: orAbsent(isDurable) })
  ),
  schemas: isMapOf(isJsonObject),
};

function isMapOf(check: Check): Check {
  return (value) => isJsonObject(value) && Object.values(value).every(check);
}

function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function hasFields<Shape>(value: unknown, fields: Readonly<Record<keyof Shape & string, Check>>): boolean {
  return isJsonObject(value) && Object.entries<Check>(fields).every(([name, check]) => check(value[name]));
}
