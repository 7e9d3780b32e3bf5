export { kiosk } from "../../discovery/kiosk.ts";
