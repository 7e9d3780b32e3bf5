export const orders = { name: "orders", version: "1.0.0" };
