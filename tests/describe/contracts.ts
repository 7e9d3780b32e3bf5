import * as v from "valibot";
import * as z from "zod";
import { type Contract, createContract, type StandardSchema } from "../../mod.ts";
import { schemaTable } from "./schema-table.ts";

/** A contract as its owner would write it. */
export const shop = createContract({
  name: "shop",
  version: "2.3.0",
  roles: { clerk: {}, manager: { inherits: ["clerk"] }, auditor: {} },
  errors: {
    OUT_OF_STOCK: {
      status: 409,
      message: "Not enough stock",
      data: v.object({ sku: v.string(), left: v.number() }),
      description: "There is less of it than was asked for.",
    },
    PRICE_CHANGED: { status: 409, message: "The price has changed", data: v.object({ price: v.number() }) },
    TOO_OFTEN: { status: 429, message: "Too many orders", retryable: true },
    NEVER_NAMED: { data: v.string() },
  },
  requests: {
    placeOrder: {
      request: v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["OUT_OF_STOCK", "PRICE_CHANGED", "TOO_OFTEN"],
      access: ["clerk"],
      timeoutMs: 3_000,
      description: "Places an order. It is paid later.",
    },
    listOrders: {
      request: v.optional(v.object({ since: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) })),
      response: v.array(v.object({ id: v.string() })),
      access: ["auditor", "manager"],
      idempotent: true,
    },
    openingHours: { request: v.undefined(), response: v.string(), access: "public", description: "When it is open." },
    ring: { request: v.object({}), response: v.void(), access: "public" },
    events: { request: v.object({}), response: v.optional(v.string()), access: ["manager"] },
  },
  events: {
    orderMoved: {
      schema: v.object({
        id: v.pipe(v.number(), v.integer()),
        region: v.picklist(["eu", "us"]),
        name: v.string(),
      }),
      subject: "{region}.{id}.{name}",
      access: { subscribe: ["clerk"] },
      durable: { maxAgeMs: 60_000 },
      description: "An order went somewhere.",
    },
    stockTaken: {
      schema: v.object({ id: v.string(), "shelf no": v.string() }),
      subject: "{id}.shelf.{shelf no}",
      access: { subscribe: ["auditor"] },
    },
    closed: { schema: v.undefined(), access: { subscribe: "public" } },
  },
});

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}

const tree: v.GenericSchema<Tree> = v.object({ name: v.string(), children: v.array(v.lazy(() => tree)) });

/** A schema of a library that nobody knows. */
export const byHand: StandardSchema<{ id: string }> = {
  "~standard": {
    version: 1,
    vendor: "by-hand",
    validate: (value) =>
      typeof value === "object" && value !== null && "id" in value
        ? { value: value as { id: string } }
        : { issues: [{ message: "no id" }] },
  },
};

const zodTree = z.object({
  name: z.string(),
  get children() {
    return z.array(zodTree);
  },
});

const nothing = v.object({});
const sku = v.pipe(v.string(), v.minLength(2), v.title("SKU"), v.description("The number of a thing"));

/** Every list of contracts that a document must be right for, by what is hard about it. */
export const contractLists: Readonly<Record<string, readonly Contract[]>> = {
  "of a shop": [shop],
  "without anything": [createContract({ name: "empty", version: "0.0.1" })],
  "without events": [
    createContract({ name: "asked", version: "1.0.0", requests: { ask: { request: nothing, response: nothing } } }),
  ],
  "without requests": [createContract({ name: "told", version: "1.0.0", events: { told: v.string() } })],
  "with strange names": [
    createContract({
      name: "-_9-Strange_Name-",
      version: "11.0.0-beta.1+build",
      requests: Object.fromEntries(
        ["create-order", "create_order", "createOrder", "CREATEORDER", "_", "-", "1st", "__proto__", "constructor"].map(
          (
            name,
          ) => [name, { request: nothing, response: nothing }],
        ),
      ),
      events: Object.fromEntries(["create-order", "toString", "__proto__", "2nd"].map((name) => [name, v.string()])),
    }),
  ],
  "with 100 requests and 100 events": [
    createContract({
      name: "large",
      version: "1.0.0",
      requests: Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`ask${index}`, { request: v.string(), response: nothing }]),
      ),
      events: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`told${index}`, v.number()])),
    }),
  ],
  "that share their names": [
    shop,
    createContract({
      name: "shop",
      version: "3.0.0",
      errors: { OUT_OF_STOCK: { status: 410, data: v.array(v.string()) } },
      requests: {
        placeOrder: { request: v.string(), response: v.string(), errors: ["OUT_OF_STOCK"] },
        streamShopEvents: { request: v.string(), response: v.string() },
      },
      events: { orderMoved: v.string() },
    }),
    createContract({
      name: "Shop",
      version: "3.0.0",
      requests: { placeOrder: { request: v.string(), response: v.string() } },
    }),
    createContract({
      name: "warehouse",
      version: "1.0.0",
      errors: { OUT_OF_STOCK: { data: v.number() }, INVALIDREQUEST: {} },
      requests: {
        placeOrder: { request: v.string(), response: v.string(), errors: ["OUT_OF_STOCK", "INVALIDREQUEST"] },
      },
    }),
  ],
  "with schemas of every kind": [
    createContract({
      name: "kinds",
      version: "1.0.0",
      requests: Object.fromEntries(
        Object.entries(schemaTable).map(([name, { schema }]) => [
          name.replaceAll(/[^a-z0-9]+/gi, "_"),
          { request: schema, response: schema },
        ]),
      ),
    }),
  ],
  "with schemas that stand in others": [
    createContract({
      name: "parts",
      version: "1.0.0",
      errors: { WRONG: { data: v.object({ where: tree, sku }) } },
      requests: {
        plant: { request: tree, response: v.object({ tree, sku: v.optional(sku) }), errors: ["WRONG"] },
        // A schema of a document's own is called so.
        clash: {
          request: v.pipe(v.object({}), v.title("Wrong problem")),
          response: v.pipe(v.string(), v.title("SKU")),
        },
      },
      events: { grown: v.object({ of: v.lazy(() => v.object({ inner: tree })) }) },
    }),
  ],
  "with schemas of other libraries": [
    createContract({
      name: "others",
      version: "1.0.0",
      requests: {
        byHand: { request: byHand, response: byHand },
        zod: { request: zodTree, response: z.object({ left: zodTree, right: zodTree }) },
        zodWithout: { request: z.map(z.string(), z.string()), response: z.void() },
      },
      events: { told: { schema: z.object({ region: z.string(), at: z.number() }), subject: "{region}.{at}" } },
    }),
  ],
};
