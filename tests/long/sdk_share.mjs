// How much of a service's CPU goes to observing it: the same service twice, with lib/sdk on (metrics and traces to
// receivers that take them) and off (OTEL_SDK_DISABLED=true: no span, no metric, no log line), under the same calls at a
// fixed rate, in turn. CPU time of the processes by the kernel's clock of each (all threads, those that ended too), to the
// nanosecond, of whatever they do in the round.
//
// usage: node tests/long/sdk_share.mjs [WHAT] [RATE] [ROUNDS] [SECONDS]
//   WHAT     convert, product, search or order (default search)
//   RATE     calls a second (default 200)
//   ROUNDS   pairs of on and off (default 6)
//   SECONDS  of each round (default 5)
// CPU is printed in µs a call and % of the service. Needs build/release/bin/vcommerce, or $VCOMMERCE_BINARY.
// example: node tests/long/sdk_share.mjs order 50 4 5
import '../harness/help.mjs';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shop } from '../harness/shop.mjs';

const kSideBySideMax = 8;
const [scenarioName = 'search', rate = 200, rounds = 6, seconds = 5] = process.argv.slice(2).map((text, at) => (at === 0 ? text : Number(text)));
// clock_getcpuclockid(3), which Node does not have: a process's clock is ~pid * 8 + 2.
const kReadClocks = 'import sys, time; print(sum(time.clock_gettime((~int(pid) << 3) | 2) for pid in sys.argv[1:]) * 1000)';

function cardNumber(serial) {
  const digits = `424242${String(serial).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

const kWords = ['lamp', 'linen shirt', 'red shoes', 'wool', 'candle', 'bag', 'cream', 'sneaker'];
const kScenarios = {
  convert: { services: ['currencyservice'], calls: (serial) => [['currencyservice', 'currency', 'CurrencyService/Convert', { amount: { currencyCode: 'EUR', units: serial % 1000 }, toCurrency: 'USD' }]] },
  product: { services: ['productcatalogservice'], calls: () => [['productcatalogservice', 'product_catalog', 'ProductCatalogService/GetProduct', { id: 'HOM-LMP-0001' }]] },
  search: { services: ['productcatalogservice'], calls: (serial) => [['productcatalogservice', 'product_catalog', 'ProductCatalogService/SearchProducts', { query: kWords[serial % kWords.length], pageSize: 20 }]] },
  order: {
    services: ['productcatalogservice', 'cartservice', 'checkoutservice', 'paymentservice', 'currencyservice', 'shippingservice', 'emailservice', 'paymentgateway'],
    calls: (serial, products) => [
      ['cartservice', 'cart', 'CartService/AddItem', { cartId: `user-${serial}`, item: { productId: products[serial % products.length].id, quantity: 1 } }],
      ['checkoutservice', 'checkout', 'CheckoutService/PlaceOrder', {
        idempotencyKey: `key-${serial}`, cartId: `user-${serial}`, currencyCode: 'EUR', name: 'Ada', email: 'ada@example.com',
        address: { name: 'Ada', street: 'Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
        card: { number: cardNumber(serial), expirationMonth: 12, expirationYear: 2035, cvc: '123' },
      }],
    ],
  },
};
const scenario = kScenarios[scenarioName];

// What takes metrics and traces.
const packets = createSocket('udp4');
let datagrams = 0;
let payloads = 0;
packets.on('message', () => { ++datagrams; });
await new Promise((resolve) => packets.bind(0, '127.0.0.1', resolve));
const agent = createServer((request, response) => request.on('data', () => {}).on('end', () => { ++payloads; response.end('{}'); }));
await new Promise((resolve) => agent.listen(0, '127.0.0.1', resolve));

class Side {
  cpu = 0;
  calls = 0;
  serial = 0;

  static async start(name, env) {
    const side = new Side();
    side.name = name;
    side.directory = mkdtempSync(join(tmpdir(), 'sdk-share-'));
    side.shop = await Shop.start({
      server: { agentUrl: `http://127.0.0.1:${agent.address().port}`, listeners: { dogstatsd: `127.0.0.1:${packets.address().port}` } },
      services: scenario.services, env: { VCOMMERCE_DATA_DIR: side.directory, VCOMMERCE_CATALOG_RESTOCK: '0', ...env },
    });
    side.connections = Object.fromEntries(scenario.services.map((service) => [service, connect(`http://${side.shop.service(service).grpc}`)]));
    if (scenarioName === 'order') {
      side.products = (await side.shop.call('productcatalogservice', 'product_catalog', 'ProductCatalogService/ListProducts', { pageSize: 200, inStockOnly: true })).answer.products;
    }
    return side;
  }

  // Milliseconds.
  used() {
    return Number(execFileSync('python3', ['-c', kReadClocks, ...scenario.services.map((service) => String(this.shop.service(service).pid))]));
  }

  async once() {
    const serial = this.serial++;
    for (const [service, file, method, request] of scenario.calls(serial, this.products)) {
      const reply = await this.shop.call(service, file, method, request, { metadata: { session_id: `s-${serial}`, user_id: `u-${serial}` }, over: this.connections[service] });
      if (reply.status !== 'OK') throw new Error(`${method}: ${reply.status} ${reply.message}`);
    }
  }

  // Calls at the fixed rate, or as fast as a busy machine answers: never more side by side than a service has threads for.
  async round(count) {
    const started = performance.now();
    const before = this.used();
    const running = new Set();
    for (let made = 0; made < count; ++made) {
      const wait = started + (made * 1000) / rate - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      while (running.size >= kSideBySideMax) await Promise.race(running);
      const call = this.once().finally(() => running.delete(call));
      running.add(call);
    }
    await Promise.all(running);
    // What was observed is sent in the round as well.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    return { cpu: this.used() - before, calls: count };
  }

  async stop() {
    for (const connection of Object.values(this.connections)) connection.destroy();
    await this.shop.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const on = await Side.start('on', {});
const off = await Side.start('off', { OTEL_SDK_DISABLED: 'true' });
try {
  for (const side of [on, off]) await side.round(rate);
  const each = { on: [], off: [] };
  for (let round = 0; round < rounds; ++round) {
    for (const side of round % 2 === 0 ? [on, off] : [off, on]) {
      const { cpu, calls } = await side.round(rate * seconds);
      side.cpu += cpu;
      side.calls += calls;
      each[side.name].push((cpu * 1000) / calls);
    }
  }
  const micros = (side) => (side.cpu * 1000) / side.calls;
  for (const side of [on, off]) console.log(`${side.name.padEnd(4)} ${micros(side).toFixed(1)} µs of CPU a call (${side.calls} calls; rounds ${each[side.name].map((value) => value.toFixed(1)).join(', ')})`);
  console.log(`${scenarioName}: ${(micros(on) - micros(off)).toFixed(1)} µs a call, ${(100 * (micros(on) / micros(off) - 1)).toFixed(2)} % of the uninstrumented service; ${datagrams} datagrams, ${payloads} payloads were taken`);
} finally {
  await Promise.all([on.stop(), off.stop()]);
}
process.exit(0);
