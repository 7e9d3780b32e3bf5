import { type Figure, none } from "../../faults/figures.ts";
import { mayUse, roleNames, shop } from "../../security/shop.ts";
import { forgedTokensOf } from "./forged-token-kinds.ts";
import type { GatewayScene } from "./gateway-scene.ts";
import { HttpCaller } from "./http-caller.ts";

const requestNames = [...shop.requests.keys()];
const eventNames = [...shop.events.keys()];
const operations = [...requestNames, ...eventNames];
const publicOnes = ["ping", "announced"];

/** Every role with every operation of the shop, and every kind of token with every operation, through the gateway. */
export async function accessMatrix(scene: GatewayScene): Promise<readonly Figure[]> {
  using caller = new HttpCaller(scene.port, "127.0.7.1");
  const wrong: string[] = [];
  let cells = 0;
  const check = async (who: string, operation: string, token: string | undefined, wanted: number): Promise<void> => {
    cells += 1;
    const status = await statusOf(caller, operation, token);
    if (status !== wanted) wrong.push(`${who} ${operation}: ${status}, not ${wanted}`);
  };
  for (const role of roleNames) {
    const token = await scene.provider.sign({ roles: [role] });
    for (const operation of operations) {
      await check(role, operation, token, mayUse[role].includes(operation) ? 200 : 403);
    }
  }
  const roleCells = cells;
  const nobody = await scene.provider.sign({ roles: [] });
  const pretender = await scene.provider.sign({ roles: ["Manager", "manager ", "*", "admin", "__proto__", "member"] });
  for (const operation of operations) {
    const isPublic = publicOnes.includes(operation);
    await check("nobody", operation, undefined, isPublic ? 200 : 401);
    await check("a caller without roles", operation, nobody, isPublic ? 200 : 403);
    await check("a caller with roles that are none", operation, pretender, isPublic ? 200 : 403);
  }
  for (const [name, token] of await forgedTokensOf(scene.provider)) {
    // What is no bearer token is none: its bearer is anonymous. What is longer than a header does not come so far.
    if (token === undefined || token.includes(" ") || token.length > 16_000) continue;
    for (const operation of operations) await check(name, operation, token, 401);
  }
  for (const line of wrong) console.log(line);
  return [
    { name: "cells of roles × operations", value: roleCells, limit: { atLeast: roleNames.length * operations.length } },
    { name: "cells of tokens × operations", value: cells - roleCells, limit: { atLeast: 40 * operations.length } },
    { name: "cells that are not as the contract says", value: wrong.length, limit: none },
  ];
}

async function statusOf(caller: HttpCaller, operation: string, token: string | undefined): Promise<number> {
  const isRequest = requestNames.includes(operation);
  const path = isRequest ? `/shop/v2/${operation}` : `/shop/v2/events?name=${operation}`;
  const claimed = { text: "manager", roles: ["manager"], actor: { roles: ["manager"] } };
  const headers = { "X-Role": "manager", "X-Actor": '{"roles":["manager"]}', "Mb-Signature": "v1;kid=UAAA;sig=x" };
  return (await caller.ask(path, { headers, token, ...(isRequest ? { body: claimed } : {}) })).status;
}
