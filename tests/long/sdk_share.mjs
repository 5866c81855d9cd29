// How much of a service's CPU goes to observing it: the same services twice, with lib/sdk on (metrics and traces to receivers
// that take them) and off (OTEL_SDK_DISABLED=true: no span, no metric, no log line), each process and all its threads.
// All sides run at the same time and get the same calls at the same rate, one after the other in random order, so that
// whatever else the machine does meets them alike. Of each round the sides' difference is taken, and of those the median,
// with the interval that holds it with 95 % certainty. Where that interval holds nought, the difference is not seen. A third
// side, `same`, is off as well: what it differs by is chance, and how a process happens to lie in memory.
// CPU time: the kernel's clock of each process. The library's own threads: /proc/PID/task/*/schedstat. Instructions and
// switches between threads: where `perf stat` can count them (most virtual machines do not count instructions).
//
// usage: node tests/long/sdk_share.mjs [WHAT] [RATE] [ROUNDS] [SECONDS] [parts]
//   WHAT     convert, product, search or order (default search)
//   RATE     calls a second to each side (default 100)
//   ROUNDS   default 12; fewer than 6 give no interval
//   SECONDS  of each round (default 5)
//   parts    also with one of traces, metrics and log lines alone: what each costs
// $SDK_SHARE_EVENTS: other events of `perf stat`. Needs build/release/bin/vcommerce, or $VCOMMERCE_BINARY.
// example: node tests/long/sdk_share.mjs order 20 8 5 parts
import '../harness/help.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shop } from '../harness/shop.mjs';

const kSideBySideMax = 8;
const kWarmSeconds = 3;
const [scenarioName = 'search', rate = 100, rounds = 12, seconds = 5, parts] = process.argv.slice(2).map((text, at) => (at === 0 || at === 4 ? text : Number(text)));
const kEvents = process.env.SDK_SHARE_EVENTS ?? 'instructions:u,instructions:k,context-switches';
// Answers a line of process ids with milliseconds of CPU: of them all, and of their threads named sdk-*.
// clock_getcpuclockid(3), which Node does not have: a process's clock is ~pid * 8 + 2.
const kReader = `
import os, sys, time
seen = {}
def threads(pid):
    try: tids = os.listdir(f'/proc/{pid}/task')
    except FileNotFoundError: return
    for tid in tids:
        try:
            name = seen[pid, tid][1] if (pid, tid) in seen else open(f'/proc/{pid}/task/{tid}/comm').read()
            ran = open(f'/proc/{pid}/task/{tid}/schedstat').read().split()[0] if name.startswith('sdk-') else 0
            seen[pid, tid] = (int(ran), name)
        except (FileNotFoundError, ProcessLookupError): pass
for line in sys.stdin:
    pids = line.split()
    cpu = sum(time.clock_gettime((~int(pid) << 3) | 2) for pid in pids) * 1000
    for pid in pids: threads(pid)
    print(cpu, sum(ran for (pid, _), (ran, _) in seen.items() if pid in pids) / 1e6, flush=True)
`;

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
let lines = 0;
let spans = 0;
function occurrences(buffer, text) {
  let found = 0;
  for (let at = buffer.indexOf(text); at >= 0; at = buffer.indexOf(text, at + text.length)) ++found;
  return found;
}
packets.on('message', (packet) => {
  ++datagrams;
  lines += 1 + occurrences(packet, '\n');
});
await new Promise((resolve) => packets.bind(0, '127.0.0.1', resolve));
const agent = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    ++payloads;
    spans += occurrences(Buffer.concat(chunks), 'parent_id');
    response.end('{}');
  });
});
await new Promise((resolve) => agent.listen(0, '127.0.0.1', resolve));

const reader = spawn('python3', ['-c', kReader], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();

// Those of kEvents that this machine counts.
function countable() {
  const one = (event) => {
    const { status, stderr } = spawnSync('perf', ['stat', '-x,', '-e', event, 'true'], { encoding: 'latin1' });
    return status === 0 && !stderr.includes('<not');
  };
  return kEvents.split(',').filter(one);
}

class Side {
  serial = 0;
  running = new Set();
  rounds = []; // of each: {cpu, own}, µs a call

  static async start(name, env) {
    const side = new Side();
    side.name = name;
    side.directory = mkdtempSync(join(tmpdir(), 'sdk-share-'));
    side.shop = await Shop.start({
      server: { agentUrl: `http://127.0.0.1:${agent.address().port}`, listeners: { dogstatsd: `127.0.0.1:${packets.address().port}` } },
      services: scenario.services, env: { VCOMMERCE_DATA_DIR: side.directory, VCOMMERCE_CATALOG_RESTOCK: '0', ...env },
    });
    side.pids = scenario.services.map((service) => side.shop.service(service).pid);
    side.connections = Object.fromEntries(scenario.services.map((service) => [service, connect(`http://${side.shop.service(service).grpc}`)]));
    if (scenarioName === 'order') {
      side.products = (await side.shop.call('productcatalogservice', 'product_catalog', 'ProductCatalogService/ListProducts', { pageSize: 200, inStockOnly: true })).answer.products;
    }
    return side;
  }

  async used() {
    reader.stdin.write(`${this.pids.join(' ')}\n`);
    const [cpu, own] = (await answers.next()).value.split(' ').map(Number);
    return { cpu, own };
  }

  async #call() {
    const serial = this.serial++;
    for (const [service, file, method, request] of scenario.calls(serial, this.products)) {
      const reply = await this.shop.call(service, file, method, request, { metadata: { session_id: `s-${serial}`, user_id: `u-${serial}` }, over: this.connections[service] });
      if (reply.status !== 'OK') throw new Error(`${method}: ${reply.status} ${reply.message}`);
    }
  }

  // Never more side by side than a service has threads for, however busy the machine is.
  async begin() {
    while (this.running.size >= kSideBySideMax) await Promise.race(this.running);
    const call = this.#call().finally(() => this.running.delete(call));
    this.running.add(call);
  }

  // Counts from here to `counted`.
  count(events) {
    this.perf = spawn('perf', ['stat', '-x,', '-e', events.join(','), '-p', this.pids.join(',')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.perfText = '';
    this.perf.stderr.on('data', (text) => { this.perfText += text; });
  }
  // {event: number}
  async counted() {
    const closed = new Promise((resolve) => this.perf.on('close', resolve));
    this.perf.kill('SIGINT');
    await closed;
    return Object.fromEntries(this.perfText.split('\n').map((line) => line.split(',')).filter(([value, , event]) => event && value > 0).map(([value, , event]) => [event, Number(value)]));
  }

  async stop() {
    for (const connection of Object.values(this.connections)) connection.destroy();
    await this.shop.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

// `count` calls to each side at the fixed rate; the sides take turns in an order that chance gives.
async function calls(sides, count) {
  const started = performance.now();
  const step = 1000 / rate / sides.length;
  for (let made = 0; made < count; ++made) {
    const order = sides.map((side) => [Math.random(), side]).sort(([a], [b]) => a - b).map(([, side]) => side);
    for (const [at, side] of order.entries()) {
      const wait = started + (made * sides.length + at) * step - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      await side.begin();
    }
  }
  await Promise.all(sides.flatMap((side) => [...side.running]));
}

async function round(sides) {
  const count = rate * seconds;
  const before = [];
  for (const side of sides) before.push(await side.used());
  await calls(sides, count);
  for (const [at, side] of sides.entries()) {
    const after = await side.used();
    side.rounds.push({ cpu: ((after.cpu - before[at].cpu) * 1000) / count, own: ((after.own - before[at].own) * 1000) / count });
  }
}

// The median, and the pair of values that holds the true one with 95 % (by the binomial distribution of ranks).
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let outside = 0;
  let term = 0.5 ** n;
  let rank = 0;
  while (rank < n / 2 && outside + term <= 0.025) {
    outside += term;
    term *= (n - rank) / (rank + 1);
    ++rank;
  }
  const low = sorted[Math.max(0, rank - 1)];
  const high = sorted[Math.min(n - 1, n - rank)];
  return { at: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, low, high, certain: rank > 0 };
}
const say = ({ at, low, high }, digits = 1) => `${at.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

const kNone = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const kSides = { off: { OTEL_SDK_DISABLED: 'true' }, on: {}, same: { OTEL_SDK_DISABLED: 'true' } };
if (parts === 'parts') {
  for (const signal of ['TRACES', 'METRICS', 'LOGS']) kSides[signal.toLowerCase()] = { ...kNone, [`OTEL_${signal}_EXPORTER`]: '' };
}
const sides = [];
try {
  for (const [name, env] of Object.entries(kSides)) sides.push(await Side.start(name, env));
  await calls(sides, rate * kWarmSeconds);
  const events = countable();
  if (events.length > 0) for (const side of sides) side.count(events);
  for (let made = 0; made < rounds; ++made) await round(sides);
  const [off, ...others] = sides;
  const of = (side, what) => side.rounds.map((each) => each[what]);
  for (const side of sides) console.log(`${side.name.padEnd(8)} ${say(median(of(side, 'cpu')))} µs of CPU a call, ${say(median(of(side, 'own')))} µs in the library's threads`);
  for (const side of others) {
    const more = median(of(side, 'cpu').map((value, at) => value - off.rounds[at].cpu));
    const share = median(of(side, 'cpu').map((value, at) => 100 * (value / off.rounds[at].cpu - 1)));
    console.log(`${scenarioName}, ${side.name} against off: ${say(more)} µs a call, ${say(share, 2)} %${more.certain ? '' : ' (too few rounds for an interval: all of them)'}`);
  }
  if (events.length > 0) {
    for (const side of sides) {
      const found = await side.counted();
      console.log(`${side.name.padEnd(8)} ${Object.entries(found).map(([event, value]) => `${(value / (rate * seconds * rounds)).toFixed(1)} ${event}`).join(', ')} a call`);
    }
  }
  const missing = kEvents.split(',').filter((event) => !events.includes(event));
  if (missing.length > 0) console.log(`${missing.join(', ')}: cannot be counted here`);
  const share = (number) => (number / (rate * (seconds * rounds + kWarmSeconds))).toFixed(1);
  console.log(`taken, of all sides: ${datagrams} datagrams with ${lines} lines, ${share(lines)} a call; ${payloads} payloads with ${spans} spans, ${share(spans)} a call`);
} finally {
  await Promise.all(sides.map((side) => side.stop()));
}
process.exit(0);
