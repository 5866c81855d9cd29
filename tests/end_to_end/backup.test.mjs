// What a server held is there again, each point and span once, in a data directory made from a backup.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server, kBinary, nowSeconds, pollUntil, runToEnd, temporaryFolder } from '../harness/server.mjs';

const kMonitor = {
  name: 'orders', type: 'query alert', query: 'sum(last_5m):sum:shop.orders{*}.as_count() > 1000', message: 'many orders', options: {},
};

test('a backup of a working server is restored into a new directory, complete', async (context) => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const restored = join(folder, 'restored');
  let server = await Server.start({ dataDir });
  context.after(() => server.stop({ keepData: true }).finally(() => rmSync(folder, { recursive: true, force: true })));
  const { keys } = server;
  const monitor = await server.call('POST', '/api/v1/monitor', { body: kMonitor });
  await server.call('PUT', '/api/godseye/v1/catalogues/shop', { body: '{"id":"p1","name":"Red scarf","price":19.5,"currency":"EUR"}\n' });
  const points = Array.from({ length: 50 }, (_, index) => ({ timestamp: nowSeconds() - 60 - index, value: 1 }));
  const series = (name) => server.call('POST', '/api/v2/series', { body: { series: [{ metric: name, type: 1, interval: 1, points }] } });
  await series('shop.orders');
  await pollUntil('stored', async () => (await server.total('sum:shop.orders{*}.as_count()')) === 50);
  // Acknowledged a moment before: may still be in the journal.
  await series('shop.late');

  const env = { DD_API_KEY: keys.apiKey, DD_APP_KEY: keys.appKey };
  const told = await runToEnd(kBinary, ['backup', '--name', 'first', '--server', server.url], { env });
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /complete: .*\/backups\/first on the server, \d+ MB in \d+ ms/);
  const again = await runToEnd(kBinary, ['backup', '--name', 'first', '--server', server.url], { env });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /409 .*is there already/);
  const backup = join(dataDir, 'backups', 'first');
  assert.equal(JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')).format, 1);
  await server.call('POST', '/api/v2/series', { body: { series: [{ metric: 'shop.after', type: 1, interval: 1, points }] } });
  await server.stop({ keepData: true });

  const made = await runToEnd(kBinary, ['restore', backup, '--data-dir', restored], { seconds: 120 });
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /restored into .*restored/);
  server = await Server.start({ dataDir: restored, keys });
  assert.equal(await server.total('sum:shop.orders{*}.as_count()'), 50);
  await pollUntil('the late ones', async () => (await server.total('sum:shop.late{*}.as_count()')) === 50);
  assert.equal(await server.total('sum:shop.after{*}.as_count()'), 0);
  assert.equal((await server.call('GET', `/api/v1/monitor/${monitor.id}`)).name, 'orders');
  assert.equal((await server.call('GET', '/api/godseye/v1/catalogues/shop')).products, 1);
  await series('shop.orders2');
  await pollUntil('it goes on', async () => (await server.total('sum:shop.orders2{*}.as_count()')) === 50);
});

test('what is no backup, and a directory in use, are named and left as they are', async (context) => {
  const folder = temporaryFolder();
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const nothing = await runToEnd(kBinary, ['restore', join(folder, 'none'), '--data-dir', join(folder, 'new')]);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /is no complete backup/);
  assert.ok(!existsSync(join(folder, 'new')) && !existsSync(join(folder, 'new.restoring')));
  writeFileSync(join(folder, 'manifest.json'), '{"format":1}');
  const here = await runToEnd(kBinary, ['restore', folder, '--data-dir', folder]);
  assert.equal(here.code, 2);
  assert.match(here.stderr, /is there already: name a new directory with --data-dir/);
  const damaged = await runToEnd(kBinary, ['restore', folder, '--data-dir', join(folder, 'new')]);
  assert.equal(damaged.code, 2);
  assert.ok(!existsSync(join(folder, 'new')) && !existsSync(join(folder, 'new.restoring')));
});

test('names that are no plain file names are refused', async (context) => {
  const server = await Server.start({ anonymous: true });
  context.after(() => server.stop());
  for (const name of ['../x', 'a/b', '.hidden', '', 'x'.repeat(65), 7]) {
    assert.equal((await server.request('POST', '/api/godseye/v1/backups', { body: { name } })).status, 400, String(name));
  }
});
