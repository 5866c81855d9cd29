// The catalogue of the shop beside a real server: Godseye is told what is sold and what changes, checks answers against it;
// stock is taken once; recommendations and advertisements come from the same products.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, pollUntil } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';

const kShop = '/api/godseye/v1/catalogues/shop';
const kLamp = 'HOM-LMP-0001';

let server;
let shop;

before(async () => {
  server = await Server.start({ traceAgent: true });
  shop = await Shop.start({ server, services: ['productcatalogservice', 'recommendationservice', 'adservice'], env: { VCOMMERCE_GODSEYE: server.url, VCOMMERCE_GODSEYE_API_KEY: server.keys.apiKey } });
});

after(async () => {
  const end = await shop?.stop();
  await server?.stop();
  if (shop) assert.deepEqual(end, { code: 0, signal: null });
});

const catalogue = (method, request) => shop.call('productcatalogservice', 'product_catalog', `ProductCatalogService/${method}`, request);

test('Godseye is told the whole catalogue and checks answers against it', async () => {
  await pollUntil('the catalogue is there', async () => (await server.request('GET', kShop)).json?.products === 588);
  const lamp = (await catalogue('GetProduct', { id: kLamp })).answer;
  const answer = await server.call('POST', '/api/godseye/v1/inspect/text', {
    body: { question: 'A lamp?', answer: `Take the "${lamp.name}" or the "Norrvik Glow Lantern X900".`, catalogue: 'shop' },
  });
  const verdicts = Object.fromEntries(answer.products.mentions.map((one) => [one.text, one.verdict]));
  assert.deepEqual(Object.values(verdicts).sort(), ['invalid', 'valid'], JSON.stringify(answer.products));
});

test('stock is taken once for a key, and Godseye is told the change', async () => {
  const before = (await catalogue('GetProduct', { id: kLamp })).answer;
  const version = (await server.call('GET', kShop)).version;
  for (let again = 0; again < 2; ++again) {
    const held = await catalogue('ReserveStock', { key: 'order-1', lines: [{ productId: kLamp, quantity: 2 }] });
    assert.equal(held.status, 'OK', held.message);
  }
  const after = (await catalogue('GetProduct', { id: kLamp })).answer;
  assert.equal(after.sizes[0].available, before.sizes[0].available - 2);
  const greedy = await catalogue('ReserveStock', { key: 'order-2', lines: [{ productId: kLamp, quantity: 999 }] });
  assert.equal(greedy.status, 'FAILED_PRECONDITION');
  assert.equal((await catalogue('ReserveStock', { key: 'order-3', lines: [{ productId: kLamp, quantity: -1 }] })).status, 'INVALID_ARGUMENT');
  await pollUntil('the change is told', async () => (await server.call('GET', kShop)).version > version);
});

test('a catalogue out of sync shows products that nobody sells', async () => {
  assert.equal((await shop.fault('productcatalogservice', 'catalog.out_of_sync', 1)).status, 'OK');
  const { products } = (await catalogue('SearchProducts', { query: 'lamp', pageSize: 3 })).answer;
  assert.equal(products.length, 3);
  for (const { id } of products) assert.equal((await catalogue('GetProduct', { id })).status, 'NOT_FOUND');
  assert.equal((await shop.fault('productcatalogservice', 'catalog.out_of_sync', 0)).status, 'OK');
});

test('recommendations and advertisements fit', async () => {
  const list = await pollUntil('the products were read', async () => {
    const reply = await shop.call('recommendationservice', 'recommendation', 'RecommendationService/ListRecommendations', { productIds: [kLamp], maxResults: 4 });
    return reply.status === 'OK' && reply.answer.recommendations;
  });
  assert.equal(list.length, 4);
  assert.ok(!list.some((one) => one.productId === kLamp));
  const { ads } = (await shop.call('adservice', 'ad', 'AdService/GetAds', { contextWords: ['reading lamp'], category: 'home' })).answer;
  assert.equal(ads[0].id, 'warm-light');
  assert.equal((await shop.call('adservice', 'ad', 'AdService/RecordClick', { placementId: ads[0].placementId })).answer.counted, true);
});

test('what happened above is there as metrics', async () => {
  for (const query of [
    'sum:catalog.product.view.count{service:productcatalogservice}.as_count()',
    'count:catalog.search.duration{service:productcatalogservice}.as_count()',
    'count:sql.query.duration{operation:reserve}.as_count()',
    'count:recommendation.results.count{service:recommendationservice}.as_count()',
    'sum:ad.click.count{service:adservice}.as_count()',
  ]) {
    await pollUntil(query, async () => (await server.total(query)) >= 1);
  }
});
