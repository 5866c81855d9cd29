// What an order costs: CPU time of all services over N orders one after the other, by service, from /proc; and how long
// PlaceOrder takes. Carts are filled before the clock starts, each of LINES positions; calls go over connections that stay
// open, as the frontend's do; metrics, spans and logs go to a sink that takes them. Fraud limits are kept by a card and a cart
// for each order. CPU that the services use while nobody orders is measured too, and stays in the number.
//
// usage: node tests/long/order_cost.mjs [ORDERS] [LINES] [AT ONCE]
//   ORDERS   that are measured, after 50 that are not (default 300)
//   LINES    positions of each (default 1)
//   AT ONCE  orders under way at a time (default 1)
// CPU and times are printed in ms an order. Needs build/release/bin/vcommerce, or $VCOMMERCE_BINARY.
// example: node tests/long/order_cost.mjs 100 3
import '../harness/help.mjs';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Shop } from '../harness/shop.mjs';

const kOrders = Number(process.argv[2] ?? 300);
const kLines = Number(process.argv[3] ?? 1);
const kAtOnce = Number(process.argv[4] ?? 1);
const kWarm = 50;
const kIdleSeconds = 3;
const kTicks = Number(execFileSync('getconf', ['CLK_TCK']));
const kServices = ['productcatalogservice', 'cartservice', 'checkoutservice', 'paymentservice', 'currencyservice', 'shippingservice', 'emailservice', 'paymentgateway'];
const directory = mkdtempSync(join(tmpdir(), 'order-cost-'));

// An agent that takes everything: what it is sent costs the services what it would beside a real one.
const statsd = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
statsd.on('message', () => {}).bind(0, '127.0.0.1');
await once(statsd, 'listening');
const agent = createServer((request, response) => { request.resume().on('end', () => response.end('{}')); }).listen(0, '127.0.0.1');
await once(agent, 'listening');

const shop = await Shop.start({
  server: { agentUrl: `http://127.0.0.1:${agent.address().port}`, listeners: { dogstatsd: `127.0.0.1:${statsd.address().port}` } },
  services: kServices, env: { VCOMMERCE_DATA_DIR: directory, VCOMMERCE_CATALOG_RESTOCK: '0' },
});

function stat(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
  return { parent: Number(fields[1]), milliseconds: ((Number(fields[11]) + Number(fields[12])) * 1000) / kTicks };
}
const redis = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).find((pid) => { try { return stat(pid).parent === shop.service('cartservice').pid; } catch { return false; } });
function usage() {
  const used = Object.fromEntries(kServices.map((name) => [name, stat(shop.service(name).pid).milliseconds]));
  if (redis) used.redis = stat(redis).milliseconds;
  return used;
}
const over = Object.fromEntries(['cartservice', 'checkoutservice'].map((name) => [name, connect(`http://${shop.service(name).grpc}`)]));

function cardNumber(serial) {
  const digits = `424242${String(serial).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

const products = (await shop.call('productcatalogservice', 'product_catalog', 'ProductCatalogService/ListProducts', { pageSize: 200, inStockOnly: true })).answer.products;
async function fill(serial) {
  for (let line = 0; line < kLines; ++line) {
    const item = { productId: products[(serial * kLines + line) % products.length].id, quantity: 1 };
    const reply = await shop.call('cartservice', 'cart', 'CartService/AddItem', { cartId: `user-${serial}`, item }, { over: over.cartservice });
    if (reply.status !== 'OK') throw new Error(`cart ${serial}: ${reply.status} ${reply.message}`);
  }
}
const times = [];
async function order(serial) {
  const started = performance.now();
  const reply = await shop.call('checkoutservice', 'checkout', 'CheckoutService/PlaceOrder', {
    idempotencyKey: `key-${serial}`, cartId: `user-${serial}`, currencyCode: 'EUR', name: 'Ada', email: 'ada@example.com',
    address: { name: 'Ada', street: 'Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    card: { number: cardNumber(serial), expirationMonth: 12, expirationYear: 2035, cvc: '123' },
  }, { over: over.checkoutservice });
  times.push(performance.now() - started);
  if (reply.status !== 'OK') throw new Error(`order ${serial}: ${reply.status} ${reply.message}`);
}
async function orders(from, to) {
  let next = from;
  await Promise.all(Array.from({ length: kAtOnce }, async () => { while (next < to) await order(next++); }));
}

try {
  for (let serial = 0; serial < kWarm + kOrders; ++serial) await fill(serial);
  await orders(0, kWarm);
  await sleep(1000); // mails of the warm-up
  const idleBefore = usage();
  await sleep(kIdleSeconds * 1000);
  const before = usage();
  times.length = 0;
  if (process.env.ORDER_COST_PROFILE) console.log(`pids ${JSON.stringify(Object.fromEntries(kServices.map((name) => [name, shop.service(name).pid])))}`);
  const started = performance.now();
  await orders(kWarm, kWarm + kOrders);
  const seconds = (performance.now() - started) / 1000;
  await sleep(500); // the mails that are still on their way
  const after = usage();
  let sum = 0;
  let idle = 0;
  for (const [name, value] of Object.entries(after)) {
    const each = (value - before[name]) / kOrders;
    sum += each;
    idle += (before[name] - idleBefore[name]) / kIdleSeconds;
    console.log(`${name.padEnd(24)} ${each.toFixed(2)} ms of CPU an order`);
  }
  console.log(`${'together'.padEnd(24)} ${sum.toFixed(2)} ms of CPU an order; ${kOrders} orders in ${seconds.toFixed(1)} s, ${kLines} positions each, ${kAtOnce} at once`);
  console.log(`${'of that without orders'.padEnd(24)} ${((idle * (seconds + 0.5)) / kOrders).toFixed(2)} ms (${idle.toFixed(1)} ms of CPU a second)`);
  times.sort((a, b) => a - b);
  console.log(`PlaceOrder p50 ${times[Math.floor(kOrders * 0.5)].toFixed(1)} ms, p95 ${times[Math.floor(kOrders * 0.95)].toFixed(1)} ms`);
} finally {
  for (const session of Object.values(over)) session.destroy();
  await shop.stop();
  statsd.close();
  agent.close();
  agent.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
}
