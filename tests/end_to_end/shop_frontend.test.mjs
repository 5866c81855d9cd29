// The web shop with all services beside a real server: an order in another currency is one trace over every service, with
// session and user; a block set at the server keeps its session out, politely, and no other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, pollUntil } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';
import { storeRows } from '../harness/spans.mjs';

const kSession = 'shop-web-session';
const kBlocks = '/api/godseye/v1/blocks';
const kLamp = 'HOM-LMP-0001';

let server;
let shop;
let url;

before(async () => {
  server = await Server.start({ traceAgent: true });
  shop = await Shop.start({ server, env: { GODSEYE_URL: server.url, DD_API_KEY: server.keys.apiKey, DD_APP_KEY: server.keys.appKey } });
  url = await pollUntil('the shop is open', () => shop.logs().find((line) => line.message === 'the shop is open')?.url);
});

after(async () => {
  await shop?.stop();
  await server?.stop();
});

async function ask(method, path, body, { session = kSession } = {}) {
  const headers = { 'x-session-id': session, ...(body ? { 'content-type': 'application/json' } : {}) };
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body), redirect: 'manual' });
  const text = await answer.text();
  return { status: answer.status, text, json: answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : null };
}

test('an order in another currency is one trace over all services', async () => {
  const lamp = (await ask('GET', `/api/products/${kLamp}?currency=JPY`)).json;
  assert.equal(lamp.price.currency, 'JPY');
  assert.match(lamp.price.amount, /^\d+$/);
  const size = lamp.sizes.find(({ available }) => available > 1).size;
  assert.equal((await ask('POST', '/api/cart/items', { product_id: kLamp, size, quantity: 2 })).status, 201);
  const wrong = await ask('POST', '/api/cart/items', { product_id: kLamp, size, quantity: -2 });
  assert.deepEqual([wrong.status, wrong.json.error.field], [400, 'quantity']);
  const form = { key: 'web-order-0001', currency: 'JPY', name: 'Jane <b>Doe</b>', email: 'jane@example.com', street: 'Main St 1', city: 'Berlin', postal_code: '10115', country: 'DE', card_number: '4242 4242 4242 4242', card_expiry: '12/39', card_cvc: '123' };
  const order = await ask('POST', '/api/checkout', form);
  assert.equal(order.status, 201, order.text);
  assert.equal(Number(order.json.items_total.amount), 2 * Number(lamp.price.amount), 'what is shown is what is charged');
  assert.equal((await ask('POST', '/api/checkout', form)).json.id, order.json.id);
  assert.match((await ask('GET', `/order/${order.json.id}`)).text, /Jane &lt;b&gt;Doe&lt;\/b&gt;/);
  assert.equal((await ask('GET', `/api/orders/${order.json.id}`, undefined, { session: 'somebody-else' })).status, 404);
  const expected = ['cartservice', 'checkoutservice', 'currencyservice', 'frontend', 'paymentservice', 'productcatalogservice', 'shippingservice'];
  await pollUntil('one trace has all services', async () => {
    const rows = await storeRows(server, `SELECT DISTINCT service FROM godseye.spans WHERE session_id = '${kSession}' AND (trace_id_high, trace_id_low) IN (SELECT trace_id_high, trace_id_low FROM godseye.spans WHERE service = 'frontend' AND resource = 'POST /api/checkout') ORDER BY service`);
    const seen = rows.map(({ service }) => service);
    return expected.every((service) => seen.includes(service));
  });
});

test('a block at the server is obeyed, and lifted', async () => {
  assert.equal((await ask('GET', '/')).status, 200);
  await server.call('POST', kBlocks, { body: { kind: 'session', value: kSession, reason: 'test', author: 'ana' } });
  await pollUntil('the page says so', async () => {
    const page = await ask('GET', '/');
    return page.status === 403 && page.text.includes('We cannot serve you at the moment');
  }, { everyMilliseconds: 50 });
  assert.equal((await ask('GET', '/api/cart')).json.error.code, 'blocked');
  assert.equal((await ask('GET', '/', undefined, { session: 'somebody-else' })).status, 200);
  await server.call('DELETE', kBlocks, { query: { kind: 'session', value: kSession } });
  await pollUntil('it is open again', async () => (await ask('GET', '/')).status === 200, { everyMilliseconds: 50 });
});
