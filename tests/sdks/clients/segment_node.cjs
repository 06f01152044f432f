const { Analytics } = require("@segment/analytics-node");

async function main() {
  const analytics = new Analytics({
    writeKey: process.env.WRITE_KEY,
    host: process.env.HOST,
    flushAt: 20,
    maxRetries: 5,
  });
  analytics.on("error", (error) => console.error(error));
  analytics.identify({ userId: "ada", traits: { email: "ada@example.com", plan: "pro" } });
  analytics.track({ userId: "ada", event: "Order Completed", properties: { order_id: "o1", total: 12.5 } });
  analytics.page({ userId: "ada", name: "Home" });
  await analytics.closeAndFlush({ timeout: 20000 });
}

main();
