// Through the gateway, from the internet: ?gateway=http://127.0.0.1:8787
import { HttpTransport } from "@magicbutton/messaging";
import { openDesk } from "./desk.js";

const url = new URLSearchParams(location.search).get("gateway");
await openDesk(new HttpTransport({ url }));
