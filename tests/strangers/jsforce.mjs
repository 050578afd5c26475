// What a user of jsforce does, in jsforce's own words. Reads one order from standard input, says what came of it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const order = JSON.parse(readFileSync(0, "utf8"));
const jsforce = createRequire(order.modules)("jsforce");
const at = { instanceUrl: order.url, loginUrl: order.url, version: "62.0" };
const signedIn = () => new jsforce.Connection({ ...at, accessToken: order.token });

const deeds = {
  async signInByClientCredentials() {
    const { clientId, clientSecret } = order;
    const conn = new jsforce.Connection({ ...at, oauth2: { clientId, clientSecret, loginUrl: order.url } });
    await conn.authorize({ grant_type: "client_credentials" });
    return await conn.identity();
  },
  async signInByAssertion() {
    const conn = new jsforce.Connection({ ...at, oauth2: { loginUrl: order.url } });
    const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    await conn.authorize({ grant_type: grant, assertion: order.assertion });
    return await conn.identity();
  },
  async signInByPassword() {
    const conn = new jsforce.Connection(at);
    return await conn.login(order.username, order.password);
  },
  async read() {
    const conn = signedIn();
    const pages = [];
    let page = await conn.query(order.query, { scanAll: order.scanAll ?? false });
    for (;;) {
      pages.push(page.records.length);
      (pages.records ??= []).push(...page.records);
      if (page.done) break;
      page = await conn.queryMore(page.nextRecordsUrl);
    }
    return { pages: [...pages], total: page.totalSize, records: pages.records };
  },
  async describe() {
    const conn = signedIn();
    return { one: await conn.sobject("Lead").describe(), all: await conn.describeGlobal(), limits: await conn.limits() };
  },
  async updateOne() {
    return await signedIn().sobject("Lead").update(order.record);
  },
  async updateMany() {
    return await signedIn().sobject("Lead").update(order.records, { allowRecursive: true });
  },
  async readInBulk() {
    const conn = signedIn();
    conn.bulk2.pollInterval = 100;
    conn.bulk2.pollTimeout = 30000;
    const stream = await conn.bulk2.query(order.query);
    return await stream.toArray();
  },
  async writeInBulk() {
    const conn = signedIn();
    const job = conn.bulk2.createJob({ object: "Lead", operation: "update" });
    await job.open();
    await job.uploadData(order.records);
    await job.close();
    const failed = await job.poll(100, 30000).then(() => null, (error) => error.message);
    return { failed, info: await job.check(), results: await job.getAllResults() };
  },
};

try {
  process.stdout.write(JSON.stringify({ told: await deeds[order.deed]() }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: error.errorCode ?? error.name, message: error.message }));
}
