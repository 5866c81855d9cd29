// What an operator watches from outside: /metrics for a scraper, the heartbeat, and alarms that need no monitor.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Server, pollUntil, sleep } from '../harness/server.mjs';

let server;
let outside;
const seen = [];

before(async () => {
  outside = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      seen.push({ method: request.method, path: request.url, body });
      response.end('{}');
    });
  });
  await new Promise((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${outside.address().port}`;
  server = await Server.start({ args: ['--alarm-url', `${url}/alarm`, '--heartbeat-url', `${url}/beat`] });
});

after(async () => {
  await server.stop();
  outside.closeAllConnections();
  outside.close();
});

test('a scraper with an API key as its bearer token reads counters and gauges', async () => {
  assert.equal((await server.request('GET', '/metrics', { headers: { 'dd-api-key': '', 'dd-application-key': '' } })).status, 403);
  await server.send('shop.orders:1|c');
  const scrape = () => server.request('GET', '/metrics', { headers: { 'dd-api-key': '', authorization: `Bearer ${server.apiKey}` } });
  const text = await pollUntil('the datagram is counted', async () => {
    const reply = await scrape();
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    return /^godseye_intake_events_in_total\{path="dogstatsd"\} [1-9]/m.test(reply.text) && reply.text;
  });
  assert.match(text, /^# TYPE godseye_intake_events_in_total counter$/m);
  assert.match(text, /^godseye_process_resident_bytes [1-9]\d{6,}$/m);
  assert.match(text, /^godseye_disk_free_bytes [1-9]\d+$/m);
  assert.match(text, /^godseye_watchdog_alarms 0$/m);
  for (const line of text.trim().split('\n')) assert.match(line, /^(# TYPE [a-z0-9_]+ (counter|gauge)|[a-z0-9_]+(\{.*\})? -?\d+)$/);
});

test('the heartbeat comes while all is well', async () => {
  await pollUntil('a heartbeat', async () => seen.some((call) => call.method === 'GET' && call.path === '/beat'));
});

test('intake that goes on dropping is told outside and in health, with a way on', async () => {
  const alarm = await pollUntil('the alarm', async () => {
    await server.send('no metric at all');
    return seen.find((call) => call.path === '/alarm');
  }, { seconds: 90 });
  const body = JSON.parse(alarm.body);
  assert.equal(alarm.method, 'POST');
  assert.equal(body.alarm, 'intake_dropping');
  assert.equal(body.state, 'firing');
  assert.match(body.text, /\/api\/godseye\/v1\/ingestion names the path and the reason/);
  assert.equal(body.source, server.url);
  const health = (await server.request('GET', '/health')).json;
  assert.equal(health.status, 'degraded');
  assert.match(health.checks.watchdog.reason, /intake_dropping/);
  await sleep(100);
  assert.equal(seen.filter((call) => call.path === '/alarm').length, 1, 'told once');
});
