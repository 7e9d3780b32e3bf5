// The same contract under two names: it counts once.
export { shop, shop as default } from "../../security/shop.ts";
