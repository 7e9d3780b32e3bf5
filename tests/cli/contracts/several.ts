export { kiosk } from "../../discovery/kiosk.ts";
export { shop } from "../../security/shop.ts";
