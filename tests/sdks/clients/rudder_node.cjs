const RudderAnalytics = require("@rudderstack/rudder-sdk-node");

const client = new RudderAnalytics(process.env.WRITE_KEY, {
  dataPlaneUrl: process.env.HOST,
  flushAt: 20,
  flushInterval: 500,
});
client.identify({ userId: "ada", traits: { email: "ada@example.com", plan: "pro" } });
client.track({ userId: "ada", event: "Order Completed", properties: { order_id: "o1", total: 12.5 } });
client.page({ userId: "ada", name: "Home" });
client.flush();
// The test ends this process when the events have arrived: the SDK has no promise that survives its retries.
setTimeout(() => process.exit(0), Number(process.env.STAY_MS));
