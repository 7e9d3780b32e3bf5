import * as v from "valibot";
import { type Authenticate, createContract } from "../../mod.ts";

/** A contract whose operations are not for everyone. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const guardedContract = createContract({
  name: "vault",
  version: "1.0.0",
  roles: { reader: {}, writer: { inherits: ["reader"] } },
  requests: {
    read: { request: v.undefined(), response: v.string(), access: ["reader"] },
    write: { request: v.undefined(), response: v.string(), access: ["writer"] },
    open: { request: v.undefined(), response: v.string(), access: "public" },
  },
});

/** Believes a token that says `role:` and the role. */
export const authenticateByRole: Authenticate = ({ token }) => {
  return token?.startsWith("role:") ? { id: token, roles: [token.slice(5)] } : undefined;
};
