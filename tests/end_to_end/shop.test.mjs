// The shop's supervisor and two of its services beside a real server: what services do arrives as spans and metrics, with session and user;
// malformed calls are refused; what is killed comes back on its own address; everything stops when told to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, pollUntil } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';
import { storeRows } from '../harness/spans.mjs';

let server;
let shop;

before(async () => {
  server = await Server.start({ traceAgent: true });
  shop = await Shop.start({ server, services: ['currencyservice', 'shippingservice'] });
});

after(async () => {
  const end = await shop?.stop();
  await server?.stop();
  if (shop) assert.deepEqual(end, { code: 0, signal: null });
});

const euros = (units, nanos = 0) => ({ currencyCode: 'EUR', units, nanos });

test('a conversion is answered and traced with its session and user', async () => {
  const reply = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: euros(100), toCurrency: 'USD' }, {
    metadata: { session_id: 'shop-session-1', user_id: 'shop-user-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  assert.equal(reply.status, 'OK', reply.message);
  assert.deepEqual(reply.answer.amount, { currencyCode: 'USD', units: 117, nanos: 40_000_000 });
  const [span] = await pollUntil('the span arrives', async () => {
    const rows = await storeRows(server, "SELECT resource, lower(hex(trace_id_high)) AS high, lower(hex(trace_id_low)) AS low, lower(hex(parent_id)) AS parent FROM godseye.spans WHERE session_id = 'shop-session-1' AND service = 'currencyservice'");
    return rows.length > 0 && rows;
  });
  assert.deepEqual(span, { resource: 'vcommerce.v1.CurrencyService/Convert', high: '0af7651916cd43dd', low: '8448eb211c80319c', parent: 'b7ad6b7169203331' });
});

test('a parcel is quoted, shipped once and tracked', async () => {
  const items = [{ productId: 'p-1', quantity: 2, weightGrams: 400 }];
  const ask = (method, request) => shop.call('shippingservice', 'shipping', `ShippingService/${method}`, request, { metadata: { session_id: 'shop-session-3' } });
  const quote = await ask('GetQuote', { country: 'FR', items });
  assert.equal(quote.status, 'OK', quote.message);
  assert.deepEqual(quote.answer.quotes.map((one) => [one.speed, one.zone]), [['SPEED_STANDARD', 'eu'], ['SPEED_EXPRESS', 'eu']]);
  const address = { name: 'Ada <script>', street: 'Rue de l’Exemple 1', city: 'Paris', postalCode: '75001', country: 'FR' };
  const parcel = await ask('ShipOrder', { idempotencyKey: 'order-1', address, items });
  assert.equal(parcel.status, 'OK', parcel.message);
  assert.equal((await ask('ShipOrder', { idempotencyKey: 'order-1', address, items })).answer.trackingId, parcel.answer.trackingId);
  assert.equal((await ask('ShipOrder', { idempotencyKey: 'order-1', address, items: [{ ...items[0], quantity: 3 }] })).status, 'ALREADY_EXISTS');
  const tracked = await ask('TrackShipment', { trackingId: parcel.answer.trackingId });
  assert.deepEqual([tracked.status, tracked.answer?.state], ['OK', 'ANNOUNCED']);
  assert.equal((await ask('TrackShipment', { trackingId: '../../etc/passwd' })).status, 'INVALID_ARGUMENT');
  assert.equal((await ask('GetQuote', { country: 'FR', items: [{ productId: 'p', quantity: -1 }] })).status, 'INVALID_ARGUMENT');
});

test('malformed calls are refused with the field, and logged with the trace', async () => {
  const wrong = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: { currencyCode: 'EUR', units: 1, nanos: -5 }, toCurrency: 'USD' }, { metadata: { session_id: 'shop-session-2' } });
  assert.deepEqual([wrong.status, wrong.message.split(':')[0]], ['INVALID_ARGUMENT', 'amount.nanos']);
  const garbage = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', {}, { bytes: Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]) });
  assert.notEqual(garbage.status, 'OK');
  const large = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { toCurrency: 'x'.repeat(2 << 20) }).catch((error) => ({ status: error.code ?? String(error) }));
  assert.notEqual(large.status, 'OK');
  // Not gRPC at all.
  const session = connect(`http://${shop.service('currencyservice').grpc}`);
  session.on('error', () => {});
  await new Promise((resolve) => { const stream = session.request({ ':path': '/' }); stream.on('close', resolve).on('error', resolve).resume().end(); });
  session.destroy();
  const after = await shop.call('currencyservice', 'currency', 'CurrencyService/ListCurrencies');
  assert.equal(after.status, 'OK');
  const line = await pollUntil('the refusal is logged', () => shop.logs().find((one) => one.session_id === 'shop-session-2'));
  assert.deepEqual([line.service, line.env, line.grpc_status, line.method], ['currencyservice', 'shop-test', 'INVALID_ARGUMENT', 'vcommerce.v1.CurrencyService/Convert']);
  assert.match(line.trace_id, /^[0-9a-f]{32}$/);
});

// Before the numbers: what is killed takes what it counted in its last quarter of a second along.
test('what is killed, or crashes by its switch, is there again on the same address', async () => {
  const first = shop.service('currencyservice');
  process.kill(first.pid, 'SIGKILL');
  const second = await pollUntil('it is started again', () => shop.service('currencyservice').pid !== first.pid && shop.service('currencyservice'), { everyMilliseconds: 20 });
  assert.deepEqual([second.grpc, second.restarts], [first.grpc, 1]);
  assert.ok(shop.events.some(({ event, service, reason }) => event === 'died' && service === 'currencyservice' && reason === 'signal 9'));
  assert.equal((await shop.call('currencyservice', 'currency', 'CurrencyService/ListCurrencies')).status, 'OK');
  assert.equal((await shop.fault('currencyservice', 'crash', 1)).status, 'OK');
  await pollUntil('it is started again', () => shop.service('currencyservice').restarts === 2, { everyMilliseconds: 20 });
  assert.equal((await shop.call('currencyservice', 'currency', 'CurrencyService/ListCurrencies')).status, 'OK');
});

test('a fault switch needs the key, works, and ends', async () => {
  const refused = await shop.call('currencyservice', 'faults', 'Faults/Set', { name: 'unavailable', value: 1, seconds: 60 });
  assert.equal(refused.status, 'PERMISSION_DENIED');
  assert.equal((await shop.fault('currencyservice', 'currency.conversion_errors', 1)).status, 'OK');
  const failed = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: euros(1), toCurrency: 'USD' });
  assert.equal(failed.status, 'INTERNAL');
  assert.equal((await shop.fault('currencyservice', 'currency.conversion_errors', 0)).status, 'OK');
  assert.equal((await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: euros(1), toCurrency: 'USD' })).status, 'OK');
});

test('with --log their lines are in files that stay within their limits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-log-'));
  const log = join(folder, 'services.log');
  const logged = await Shop.start({ server, services: ['currencyservice'], args: ['--log', log, '--log-bytes-max', '4096', '--log-files-max', '3'] });
  try {
    for (let call = 0; call < 60; ++call) {
      assert.equal((await logged.call('currencyservice', 'currency', 'CurrencyService/Convert', { toCurrency: 'XXX' }, { metadata: { session_id: `log-${call}` } })).status, 'INVALID_ARGUMENT');
    }
  } finally {
    assert.deepEqual(await logged.stop(), { code: 0, signal: null });
  }
  assert.deepEqual(readdirSync(folder).sort(), ['services.log', 'services.log.1', 'services.log.2']);
  const lines = [];
  for (const name of ['services.log.2', 'services.log.1', 'services.log']) {
    const text = readFileSync(join(folder, name), 'utf8');
    assert.ok(text.length <= 4096 && text.endsWith('\n'), `${name} has ${text.length} bytes`);
    lines.push(...text.trim().split('\n').map((line) => JSON.parse(line)));
  }
  assert.equal(lines.at(-1).message, 'stopped', 'what it says last is there');
  assert.ok(lines.some((line) => line.session_id === 'log-59') && !lines.some((line) => line.session_id === 'log-0'));
  assert.equal(logged.stderr, '');
  rmSync(folder, { recursive: true });
});

// Last, so that one wait for the ten-second cut is enough for all of them.
test('what happened above is there as metrics', async () => {
  for (const query of [
    'sum:currency.conversion.count{service:currencyservice,env:shop-test}.as_count()',
    'sum:currency.conversion.error.count{service:currencyservice}.as_count()',
    'sum:grpc.server.request.count{service:currencyservice,method:vcommerce.v1.currencyservice/convert,status:ok}.as_count()',
    'sum:shipping.tracking.requests{service:shippingservice}.as_count()',
    'count:shipping.carrier.latency{service:shippingservice,operation:announce}.as_count()',
    'sum:grpc.server.error.count{service:currencyservice,status:internal}.as_count()',
  ]) {
    await pollUntil(query, async () => (await server.total(query)) >= 1);
  }
});
