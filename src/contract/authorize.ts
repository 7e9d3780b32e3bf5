import type { VerifiedActor } from "./actor.ts";

/**
 * Decides what depends on data, such as whose order it is; it runs after the role check and the schema.
 *
 * @example
 * ```ts
 * import type { Authorize } from "@magicbutton/messaging";
 *
 * const authorize: Authorize = ({ operation, data, actor }) =>
 *   operation !== "cancelOrder" || (data as { owner: string }).owner === actor.id;
 * ```
 */
export type Authorize = (
  call: {
    /** The contract's name. */
    readonly contract: string;
    /** The request's name in it. */
    readonly operation: string;
    /** What the caller sent, checked. */
    readonly data: unknown;
    /** Who asks. */
    readonly actor: VerifiedActor;
  },
) => boolean | Promise<boolean>;
