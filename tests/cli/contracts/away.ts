// @ts-expect-error -- a package that nobody has
export { orders } from "not-installed-anywhere";
