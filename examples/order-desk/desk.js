// The page's application. It is the same file on every transport: only what it is given changes.
import { createMessagingClient, isMessagingError } from "@magicbutton/messaging";
import { orders } from "./contract.js";

export async function openDesk(transport) {
  const client = createMessagingClient({ contract: orders, transport });
  const find = (id) => document.getElementById(id);
  client.onStatus((status) => find("status").textContent = status);
  client.subscribe("orderPlaced", { params: { region: "eu" } }, (order) => {
    const row = document.createElement("li");
    row.textContent = `${order.quantity} × ${order.sku} to ${order.region} (${order.id})`;
    find("placed").prepend(row);
  });

  find("order").addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const input = { sku: fields.get("sku"), quantity: Number(fields.get("quantity")), region: fields.get("region") };
    try {
      const order = await client.request("placeOrder", input);
      find("answer").textContent = `Placed as ${order.id}`;
    } catch (error) {
      const isShort = isMessagingError(error, "OUT_OF_STOCK");
      find("answer").textContent = isShort ? `Only ${error.data.left} left` : `${error.code}: ${error.message}`;
    }
  });

  await client.connect();
  return client;
}
