// Keys: a first pair, printed once; every route of Datadog's API wants them unless loopback is trusted.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Server, temporaryFolder } from '../harness/server.mjs';

const kRoutes = [
  ['POST', '/api/v2/series', 'api'], ['POST', '/api/v1/series', 'api'], ['POST', '/api/v1/distribution_points', 'api'],
  ['GET', '/api/v1/validate', 'api'], ['GET', '/api/v1/query?query=sum:a{*}&from=1&to=2', 'both'], ['GET', '/api/v1/monitor', 'both'],
  ['GET', '/api/v2/incidents', 'both'], ['GET', '/api/v1/metrics?from=1', 'both'],
];

test('the first start prints a pair of keys, the second none, and they go on working', async (context) => {
  const dataDir = temporaryFolder();
  let server = await Server.start({ dataDir });
  context.after(() => server.stop().finally(() => rmSync(dataDir, { recursive: true, force: true })));
  const { keys } = server;
  assert.match(keys.apiKey, /^[0-9a-f]{32}$/);
  assert.match(keys.appKey, /^[0-9a-f]{40}$/);
  assert.equal((await server.request('GET', '/api/v1/validate')).json.valid, true);
  await server.stop({ keepData: true });
  server = await Server.start({ dataDir, keys });
  assert.doesNotMatch(server.stdout + server.stderr, /api_key=|app_key=/);
  assert.equal((await server.request('GET', '/api/v1/validate')).json.valid, true);
  assert.equal((await server.request('GET', '/api/v1/monitor')).status, 200);
});

test('without keys, or with wrong ones, everything but health is refused', async () => {
  const server = await Server.start();
  try {
    const wrong = { 'dd-api-key': '0'.repeat(32), 'dd-application-key': '0'.repeat(40) };
    for (const [method, path, wants] of kRoutes) {
      const body = method === 'POST' ? '{"series":[]}' : undefined;
      for (const headers of [{ 'dd-api-key': '', 'dd-application-key': '' }, wrong, { ...wrong, 'dd-api-key': 'not a key' }]) {
        const reply = await server.request(method, path, { body, headers });
        assert.ok([401, 403].includes(reply.status), `${method} ${path}: ${reply.status}`);
        assert.ok(reply.json.errors.length > 0, `${method} ${path} names the error`);
      }
      if (wants === 'both') {
        const reply = await server.request(method, path, { headers: { 'dd-application-key': '' } });
        assert.ok([401, 403].includes(reply.status), `${method} ${path} with an API key alone: ${reply.status}`);
      }
    }
    assert.equal((await server.request('GET', '/health', { headers: { 'dd-api-key': '', 'dd-application-key': '' } })).status, 200);
  } finally {
    await server.stop();
  }
});

test('with --anonymous-loopback unknown and foreign keys are ignored', async () => {
  const server = await Server.start({ anonymous: true });
  try {
    for (const headers of [{ 'dd-api-key': '', 'dd-application-key': '' }, { 'dd-api-key': 'foreign', authorization: 'Bearer foreign' }]) {
      assert.equal((await server.request('GET', '/api/v1/monitor', { headers })).status, 200);
      assert.equal((await server.request('POST', '/api/v2/series', { headers, body: { series: [] } })).status, 202);
    }
  } finally {
    await server.stop();
  }
});
