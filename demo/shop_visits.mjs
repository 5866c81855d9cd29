// People in the web shop: they look around, search, put things into a cart, and some buy. Over the shop's public pages and
// JSON API, with nothing but fetch. See README.md.
import { randomUUID } from 'node:crypto';
import { address, flag, kSecondsMax, kSeedMax, number, readOptions } from './options.mjs';
import { generator } from './traffic.mjs';

const kUsage = `usage: node demo/shop_visits.mjs [options]
  --shop HOST:PORT   the web shop                                     (default 127.0.0.1:7080)
  --rate N           visits a minute on average, at most 600          (default 20)
  --seed N           same seed, same traffic                          (default 1)
  --duration S       stop after so many seconds; 0 goes on until told (default 0)
  --quiet            no progress lines
example:
  node demo/shop_visits.mjs --rate 60 --duration 30`;

const kRateMax = 600;
const kOpenVisitsMax = 50;
const kProgressSeconds = 30;
const kCallMilliseconds = 10_000;
const kPauseSeconds = { min: 0.3, max: 2 };
const kStopMilliseconds = 2000;
const kWords = ['dress', 'leather boots', 'lamp', 'sweater', 'linen', 'running shoes', 'serum', 'scarf', 'mug', 'jeans', 'rain jaket', 'gift'];
const kCurrencies = ['USD', 'USD', 'EUR', 'GBP', 'JPY', 'CHF'];
const kPeople = [
  { name: 'Ada Lovelace', street: '12 St James Square', city: 'London', region: '', postal_code: 'SW1Y 4JH', country: 'GB' },
  { name: 'Konrad Zuse', street: 'Methfesselstr. 10', city: 'Berlin', region: '', postal_code: '10965', country: 'DE' },
  { name: 'Grace Hopper', street: '1 Navy Yard', city: 'Arlington', region: 'VA', postal_code: '22202', country: 'US' },
];
// Card numbers of Visa's shape with a right check digit and no account behind them.
const kCard = { card_expiry: '12/34', card_cvc: '123' };
const kShares = { searches: 0.7, adds: 0.6, secondItem: 0.4, buys: 0.45 };

const settings = readOptions('shop_visits', kUsage, {
  shop: address('127.0.0.1:7080'), rate: number(20, 0.1, kRateMax), seed: number(1, 0, kSeedMax), duration: number(0, 0, kSecondsMax), quiet: flag(),
});
const random = generator(settings.seed);
const counts = { visits: 0, pages: 0, added: 0, orders: 0, failed: 0 };
let open = 0;
let stopping = false;

const say = (text) => settings.quiet || console.log(`demo: ${text}`);
const pause = () => new Promise((resolve) => setTimeout(resolve, 1000 * (kPauseSeconds.min + random.uniform() * (kPauseSeconds.max - kPauseSeconds.min))));

// A number of 15 digits with its check digit (Luhn): each visitor pays with a card of their own.
function cardNumber() {
  const digits = [4, ...Array.from({ length: 14 }, () => Math.floor(random.uniform() * 10))];
  const sum = digits.reduce((total, digit, place) => total + (place % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return [...digits, (10 - (sum % 10)) % 10].join('');
}

// One person: what they look at, and what they buy.
class Visit {
  #session = `shopper-${randomUUID().slice(0, 12)}`;
  #currency = random.pick(kCurrencies);

  async call(method, path, body) {
    const reply = await fetch(`http://${settings.shop}${path}`, {
      method, signal: AbortSignal.timeout(kCallMilliseconds),
      headers: { 'x-session-id': this.#session, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path.split('?')[0]}: ${reply.status} ${text.slice(0, 120)}`);
    return reply.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text;
  }

  async page(path) {
    await this.call('GET', path);
    ++counts.pages;
    await pause();
  }

  async find() {
    const words = random.uniform() < kShares.searches ? random.pick(kWords) : '';
    await this.page(words ? `/search?q=${encodeURIComponent(words)}` : '/');
    const { products } = await this.call('GET', `/api/products?q=${encodeURIComponent(words)}&currency=${this.#currency}`);
    return products.length > 0 ? random.pick(products) : null;
  }

  async add(product) {
    const sizes = product.sizes.filter((size) => size.available > 0);
    if (sizes.length === 0) return false;
    await this.call('POST', '/api/cart/items', { product_id: product.id, size: random.pick(sizes).size, quantity: 1 });
    ++counts.added;
    await this.page('/cart');
    return true;
  }

  async run() {
    await this.page('/');
    for (let item = 0; item < 2; ++item) {
      const product = await this.find();
      if (!product) return;
      await this.page(`/product/${encodeURIComponent(product.id)}`);
      if (random.uniform() >= kShares.adds || !(await this.add(product))) return;
      if (random.uniform() >= kShares.secondItem) break;
    }
    if (random.uniform() >= kShares.buys) return;
    const person = random.pick(kPeople);
    const email = `${person.name.split(' ')[0].toLowerCase()}@shop.example`;
    await this.call('POST', '/api/checkout', { key: randomUUID(), currency: this.#currency, ...person, email, card_number: cardNumber(), ...kCard });
    ++counts.orders;
  }
}

async function visit() {
  ++open;
  ++counts.visits;
  try {
    await new Visit().run();
  } catch (error) {
    ++counts.failed;
    if (!stopping) say(`a visit ended early: ${error.message}`);
  } finally {
    --open;
  }
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const gap = () => (-Math.log(1 - random.uniform()) * 60) / settings.rate;
let nextVisit = 0;
let nextProgress = kProgressSeconds;

function step() {
  const now = elapsed();
  if (settings.duration > 0 && now >= settings.duration) return stop();
  if (now >= nextVisit) {
    if (open < kOpenVisitsMax) visit();
    nextVisit = now + gap();
  }
  if (now >= nextProgress) {
    say(`the shop had ${counts.visits} visitors, ${counts.pages} pages, ${counts.orders} orders${counts.failed ? `, ${counts.failed} visits failed` : ''}`);
    nextProgress += kProgressSeconds;
  }
}

async function stop() {
  if (stopping) return;
  stopping = true;
  clearInterval(timer);
  const late = Date.now() + kStopMilliseconds;
  while (open > 0 && Date.now() < late) await new Promise((resolve) => setTimeout(resolve, 20));
  say(`stopped: ${counts.visits} visitors, ${counts.pages} pages, ${counts.added} added, ${counts.orders} orders, ${counts.failed} failed`);
  process.exit(0);
}

const timer = setInterval(step, 20);
say(`${settings.rate} visits a minute to http://${settings.shop}, seed ${settings.seed}`);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
