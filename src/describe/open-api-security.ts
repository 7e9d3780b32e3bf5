import type { Contract } from "../contract/contract.ts";
import type { OpenApiOperation, OpenApiSecurityScheme } from "./open-api-document.ts";

/** How callers show who they are, as a component. */
export const bearerScheme: OpenApiSecurityScheme = {
  type: "http",
  scheme: "bearer",
  description: "A token that says who calls and which roles they have (RFC 6750).",
};

/** Whether a contract asks who calls. */
export function asksWhoCalls({ roles }: Contract): boolean {
  return roles.size > 0;
}

/** What an operation wants of its callers: a token, one if there is one, or nothing where no operation of it does. */
export function openApiSecurity(contract: Contract, wanted: boolean): Pick<OpenApiOperation, "security"> {
  if (!asksWhoCalls(contract)) return {};
  return { security: wanted ? [{ bearer: [] }] : [{}, { bearer: [] }] };
}
