// People and programs of a shop, for tests/long/alerts.mjs: each service is asked a few times a second, by its public
// interface, so that every alert has numbers to look at. Two mixes: `services` asks each service by itself (no orders,
// no pages); `shop` buys and opens pages as well. What fails is counted and else ignored: that is what switches are for.
import { grpcCall } from '../harness/shop.mjs';

const kStepMilliseconds = 500;
const kInFlightMax = 40; // of one kind; beyond it a turn is left out, so that a slow service does not pile calls up
const kCallSeconds = 30;
const kPageMilliseconds = 20_000;
const kPages = ['/', '/search?q=dress', '/search?q=leather%20boots', '/cart', '/api/currencies'];
const kWords = ['dress', 'lamp', 'boots', 'scarf', 'mug', 'serum', 'linen', 'jeans'];
const kAddress = { name: 'Ada', street: 'Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' };
const euros = (units) => ({ currencyCode: 'EUR', units, nanos: 0 });

// A card of its own for each serial, with a right check digit: the limits of the fraud check are kept.
export function cardNumber(serial) {
  const digits = `424242${String(serial).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return digits + String((10 - (sum % 10)) % 10);
}
const card = (serial) => ({ number: cardNumber(serial), expirationMonth: 12, expirationYear: 2035, cvc: '123' });

export class Traffic {
  counts = {}; // of each kind: {ok, failed, left_out}
  #shop;
  #pages;
  #run = `${process.pid}-${Date.now() % 1e6}`;
  #serial = 0;
  #turn = 0;
  #open = {};
  #kinds = {};
  #products = [];
  #tracking = '';
  #timer = null;

  // `pages`: the web shop's address, http://HOST:PORT.
  constructor(shop, pages) {
    this.#shop = shop;
    this.#pages = pages;
    // Turns of half a second between two calls of the kind, and the call.
    this.#kinds.services = {
      convert: [1, (n) => this.#call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: euros(n % 100 + 1), toCurrency: 'USD' })],
      quote: [1, () => this.#call('shippingservice', 'shipping', 'ShippingService/GetQuote', { country: 'DE', items: [{ productId: 'x', quantity: 1, weightGrams: 500 }] })],
      track: [1, () => this.#call('shippingservice', 'shipping', 'ShippingService/TrackShipment', { trackingId: this.#tracking })],
      recommend: [1, (n) => this.#call('recommendationservice', 'recommendation', 'RecommendationService/ListRecommendations', { productIds: [this.#product(n).id] })],
      ads: [1, (n) => this.#call('adservice', 'ad', 'AdService/GetAds', { contextWords: [kWords[n % kWords.length]], maxAds: 1 })],
      search: [1, (n) => this.#call('productcatalogservice', 'product_catalog', 'ProductCatalogService/SearchProducts', { query: `${kWords[n % kWords.length]} ${kWords[Math.floor(n / kWords.length) % kWords.length]}`.slice(0, n % 3 ? 100 : 4) })],
      product: [1, (n) => this.#call('productcatalogservice', 'product_catalog', 'ProductCatalogService/GetProduct', { id: this.#product(n).id })],
      cart: [1, (n) => this.#cart(`cart-${this.#run}-${n % 500}`, n)],
      charge: [2, (n) => this.#charge(n)],
      mail: [4, (n) => this.#mail(`mail-${this.#run}-${n}`)],
    };
    // Without the charges that no order makes: with those of orders they are more slow calls than a service has threads.
    const { charge: _, ...others } = this.#kinds.services;
    this.#kinds.shop = {
      ...others,
      page: [1, (n) => this.#page(n)],
      order: [2, (n) => this.#order(n)],
    };
  }

  // What later calls need: products, a parcel to track.
  async prepare() {
    const { answer } = await this.#call('productcatalogservice', 'product_catalog', 'ProductCatalogService/ListProducts', { pageSize: 200, inStockOnly: true });
    this.#products = answer.products;
    const parcel = await this.#call('shippingservice', 'shipping', 'ShippingService/ShipOrder', { idempotencyKey: `parcel-${this.#run}`, address: kAddress, items: [{ productId: 'x', quantity: 1, weightGrams: 500 }] });
    this.#tracking = parcel.answer.trackingId;
  }

  start(mix) {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#step(this.#kinds[mix]), kStepMilliseconds);
  }

  stop() {
    clearInterval(this.#timer);
  }

  // So many mails at once, eight at a time: what fills a queue that is not emptied.
  async mails(count) {
    let left = count;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (left-- > 0) await this.#mail(`burst-${this.#run}-${left}`).catch(() => {});
    }));
  }

  #step(kinds) {
    ++this.#turn;
    for (const [kind, [every, call]] of Object.entries(kinds)) {
      if (this.#turn % every !== 0) continue;
      const counts = (this.counts[kind] ??= { ok: 0, failed: 0, left_out: 0 });
      if ((this.#open[kind] ?? 0) >= kInFlightMax) {
        ++counts.left_out;
        continue;
      }
      this.#open[kind] = (this.#open[kind] ?? 0) + 1;
      call(++this.#serial).then(() => ++counts.ok, () => ++counts.failed).finally(() => --this.#open[kind]);
    }
  }

  #product(n) {
    return this.#products[n % this.#products.length];
  }

  async #call(service, file, method, request, metadata = {}) {
    const reply = await grpcCall(this.#shop.service(service).grpc, file, method, request, { seconds: kCallSeconds, metadata });
    if (reply.status !== 'OK') throw new Error(`${method}: ${reply.status} ${reply.message}`);
    return reply;
  }

  async #cart(cartId, n) {
    await this.#call('cartservice', 'cart', 'CartService/AddItem', { cartId, item: { productId: this.#product(n).id, quantity: 1 } });
    await this.#call('cartservice', 'cart', 'CartService/GetCart', { cartId });
    if (n % 4 === 0) await this.#call('cartservice', 'cart', 'CartService/EmptyCart', { cartId });
  }

  async #charge(n) {
    const session = { session_id: `payer-${this.#run}-${n}` };
    const { answer } = await this.#call('paymentservice', 'payment', 'PaymentService/SaveCard', { card: card(n) }, session);
    await this.#call('paymentservice', 'payment', 'PaymentService/Charge', { idempotencyKey: `charge-${this.#run}-${n}`, amount: euros(20 + (n % 50)), cardToken: answer.token }, session);
  }

  #mail(key) {
    return this.#call('emailservice', 'email', 'EmailService/SendOrderConfirmation', {
      key, toEmail: 'ada@shop.example', toName: 'Ada', orderId: key, lines: [{ name: 'Shirt', quantity: 1, total: euros(5) }],
      shipping: euros(3), total: euros(8), address: kAddress,
    });
  }

  async #page(n) {
    const reply = await fetch(this.#pages + kPages[n % kPages.length], { headers: { 'x-session-id': `visitor-${this.#run}-${n % 20}` }, signal: AbortSignal.timeout(kPageMilliseconds) });
    await reply.arrayBuffer();
    if (!reply.ok) throw new Error(`${reply.status}`);
  }

  async #order(n) {
    const cartId = `buyer-${this.#run}-${n}`;
    await this.#call('cartservice', 'cart', 'CartService/AddItem', { cartId, item: { productId: this.#product(n).id, quantity: 1 } });
    await this.#call('checkoutservice', 'checkout', 'CheckoutService/PlaceOrder', {
      idempotencyKey: `order-${this.#run}-${n}`, cartId, currencyCode: 'EUR', name: 'Ada', email: 'ada@shop.example', address: kAddress, card: card(n),
    }, { session_id: cartId });
  }
}
