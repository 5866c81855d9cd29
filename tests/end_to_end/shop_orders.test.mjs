// Orders through the real shop, killed: checkoutservice kills itself right after the effect of each of its eight steps, before
// anything of it is written down, and is started again; then the cart with its Redis, and payment.
// Then the books of gateway, stock, carrier and mailbox are counted: one charge, one parcel, one mail an order.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { pollUntil } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';

const kProduct = 'HOM-LMP-0001';
const kServices = ['productcatalogservice', 'cartservice', 'checkoutservice', 'paymentservice', 'currencyservice', 'shippingservice', 'emailservice', 'paymentgateway'];
// Nobody listens: what services measure is another test's matter.
const kNobody = { agentUrl: 'http://127.0.0.1:1', listeners: { dogstatsd: '127.0.0.1:9' } };

const start = () => Shop.start({ server: kNobody, services: kServices, env: { VCOMMERCE_DATA_DIR: directory, VCOMMERCE_CATALOG_RESTOCK: '0' } });

let directory;
let shop;
let stockBefore;
let orders = 0;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shop-orders-'));
  shop = await start();
  stockBefore = await stock();
});

after(async () => {
  const end = await shop?.stop();
  rmSync(directory, { recursive: true, force: true });
  if (shop) assert.deepEqual(end, { code: 0, signal: null });
});

const stock = async () => (await shop.call('productcatalogservice', 'product_catalog', 'ProductCatalogService/GetProduct', { id: kProduct })).answer.sizes.reduce((sum, one) => sum + one.available, 0);

// A card of its own for each order: the fraud check knows cards that pay too often.
function cardNumber(serial) {
  const digits = `424242${String(serial).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

function orderOf(serial) {
  return {
    idempotencyKey: `key-${serial}`, cartId: `user-${serial}`, currencyCode: 'CHF', name: `Ada ${serial}`, email: 'ada@example.com',
    address: { name: 'Ada', street: 'Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    card: { number: cardNumber(serial), expirationMonth: 12, expirationYear: 2035, cvc: '123' },
  };
}

const checkout = (method, request, options) => shop.call('checkoutservice', 'checkout', `CheckoutService/${method}`, request, options);
const cartOf = (serial) => shop.call('cartservice', 'cart', 'CartService/GetCart', { cartId: `user-${serial}` });

async function fillCart(serial) {
  const added = await shop.call('cartservice', 'cart', 'CartService/AddItem', { cartId: `user-${serial}`, item: { productId: kProduct, quantity: 1 } });
  assert.equal(added.status, 'OK', added.message);
}

const completed = (serial) => pollUntil(`order ${serial} is complete`, async () => {
  const list = await checkout('ListOrders', { cartId: `user-${serial}` }).catch(() => null);
  return list?.answer?.orders.length === 1 && list.answer.orders[0].state === 'COMPLETED' && list.answer.orders[0];
}, { everyMilliseconds: 50 });

const count = (file, sql) => {
  const database = new DatabaseSync(join(directory, file), { readOnly: true });
  try { return database.prepare(sql).get().n; } finally { database.close(); }
};

for (let step = 1; step <= 8; ++step) {
  test(`checkout killed after the effect of step ${step}`, async () => {
    if (step === 5) {
      // All of it stopped and started on its folder; and the supervisor's pauses, which double with each death, begin anew.
      assert.deepEqual(await shop.stop(), { code: 0, signal: null });
      shop = await start();
    }
    const serial = ++orders;
    await fillCart(serial);
    const pid = shop.service('checkoutservice').pid;
    assert.equal((await shop.fault('checkoutservice', 'checkout.die_after_step', step)).status, 'OK');
    const died = await checkout('PlaceOrder', orderOf(serial)).catch((error) => ({ status: String(error) }));
    assert.notEqual(died.status, 'OK');
    await pollUntil('it is started again', () => shop.service('checkoutservice').pid !== pid, { everyMilliseconds: 20 });
    const order = await completed(serial);
    // Whoever tries again gets the same order.
    const again = await checkout('PlaceOrder', orderOf(serial));
    assert.deepEqual([again.status, again.answer?.orderId], ['OK', order.orderId], again.message);
    assert.equal((await cartOf(serial)).answer.items.length, 0);
  });
}

test('the cart with its Redis killed during an order, payment right after it', async () => {
  const serial = ++orders;
  await fillCart(serial);
  const placing = checkout('PlaceOrder', orderOf(serial)).catch((error) => ({ status: String(error) }));
  process.kill(shop.service('cartservice').pid, 'SIGKILL');
  await placing;
  process.kill(shop.service('paymentservice').pid, 'SIGKILL');
  // Either end is a right one: everything once, or cancelled with nothing charged.
  const order = await pollUntil('the order ends', async () => {
    const list = await checkout('ListOrders', { cartId: `user-${serial}` }).catch(() => null);
    return ['COMPLETED', 'CANCELLED'].includes(list?.answer?.orders[0]?.state) && list.answer.orders[0];
  }, { everyMilliseconds: 50 });
  if (order.state === 'CANCELLED') --orders;
});

test('the books agree: one charge, one parcel, one mail an order, and the stock', async () => {
  assert.equal(count('gateway.sqlite', 'SELECT count(*) AS n FROM authorization WHERE state = 1'), orders);
  assert.equal(count('payments.sqlite', 'SELECT count(*) AS n FROM charge WHERE state = 2'), orders);
  assert.equal(count('orders.sqlite', 'SELECT count(*) AS n FROM orders WHERE open = 1'), 0);
  assert.equal(stockBefore - await stock(), orders);
  const mails = await pollUntil('every mail arrived', () => {
    const files = readdirSync(join(directory, 'mailbox')).filter((name) => name.endsWith('.eml'));
    return files.length >= orders && files.map((name) => readFileSync(join(directory, 'mailbox', name), 'utf8'));
  });
  const numbers = mails.map((mail) => /VC\d{12}/.exec(mail)?.[0]);
  assert.equal(new Set(numbers).size, orders, `${numbers}`);
  assert.equal(mails.length, orders);
  const tracked = await shop.call('shippingservice', 'shipping', 'ShippingService/TrackShipment', { trackingId: numbers[0] });
  assert.equal(tracked.status, 'OK', tracked.message);
});

test('no file and no log line holds a card number', () => {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) assert.ok(!readFileSync(join(directory, name), 'latin1').includes('424242000000'), name);
  assert.ok(!shop.stderr.includes('424242000000'));
});
