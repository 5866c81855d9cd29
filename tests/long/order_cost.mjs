// What an order costs: CPU time of all services over N orders one after the other (each: fill a cart, place the order), by
// service, from /proc; and how long PlaceOrder takes. Fraud limits are kept by a card and a cart for each order.
//   VCOMMERCE_BINARY=build/release/bin/vcommerce node tests/long/order_cost.mjs [ORDERS]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shop } from '../harness/shop.mjs';

const kOrders = Number(process.argv[2] ?? 200);
const kWarm = 20;
const kTicks = Number(execFileSync('getconf', ['CLK_TCK']));
const kServices = ['productcatalogservice', 'cartservice', 'checkoutservice', 'paymentservice', 'currencyservice', 'shippingservice', 'emailservice', 'paymentgateway'];
const directory = mkdtempSync(join(tmpdir(), 'order-cost-'));
const shop = await Shop.start({ server: { agentUrl: 'http://127.0.0.1:1', listeners: { dogstatsd: '127.0.0.1:9' } }, services: kServices, env: { VCOMMERCE_DATA_DIR: directory, VCOMMERCE_CATALOG_RESTOCK: '0' } });

function stat(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
  return { parent: Number(fields[1]), milliseconds: ((Number(fields[11]) + Number(fields[12])) * 1000) / kTicks };
}
function usage() {
  const used = Object.fromEntries(kServices.map((name) => [name, stat(shop.service(name).pid).milliseconds]));
  const redis = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).find((pid) => { try { return stat(pid).parent === shop.service('cartservice').pid; } catch { return false; } });
  if (redis) used.redis = stat(redis).milliseconds;
  return used;
}

function cardNumber(serial) {
  const digits = `424242${String(serial).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

const products = (await shop.call('productcatalogservice', 'product_catalog', 'ProductCatalogService/ListProducts', { pageSize: 200, inStockOnly: true })).answer.products;
const times = [];
async function order(serial) {
  const cartId = `user-${serial}`;
  const item = { productId: products[serial % products.length].id, quantity: 1 };
  await shop.call('cartservice', 'cart', 'CartService/AddItem', { cartId, item });
  const started = performance.now();
  const reply = await shop.call('checkoutservice', 'checkout', 'CheckoutService/PlaceOrder', {
    idempotencyKey: `key-${serial}`, cartId, currencyCode: 'EUR', name: 'Ada', email: 'ada@example.com',
    address: { name: 'Ada', street: 'Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    card: { number: cardNumber(serial), expirationMonth: 12, expirationYear: 2035, cvc: '123' },
  });
  times.push(performance.now() - started);
  if (reply.status !== 'OK') throw new Error(`order ${serial}: ${reply.status} ${reply.message}`);
}

try {
  for (let serial = 0; serial < kWarm; ++serial) await order(serial);
  times.length = 0;
  const before = usage();
  const started = performance.now();
  for (let serial = kWarm; serial < kWarm + kOrders; ++serial) await order(serial);
  const seconds = (performance.now() - started) / 1000;
  const after = usage();
  let sum = 0;
  for (const [name, value] of Object.entries(after)) {
    const each = (value - before[name]) / kOrders;
    sum += each;
    console.log(`${name.padEnd(24)} ${each.toFixed(2)} ms of CPU an order`);
  }
  times.sort((a, b) => a - b);
  console.log(`${'together'.padEnd(24)} ${sum.toFixed(2)} ms of CPU an order; ${kOrders} orders in ${seconds.toFixed(1)} s`);
  console.log(`PlaceOrder p50 ${times[Math.floor(kOrders * 0.5)].toFixed(1)} ms, p95 ${times[Math.floor(kOrders * 0.95)].toFixed(1)} ms`);
} finally {
  await shop.stop();
  rmSync(directory, { recursive: true, force: true });
}
