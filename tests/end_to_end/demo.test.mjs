// What `./run` shows: a shop's chat calls the gateway with an unmodified client library, a simulated provider answers, and
// the attacker among the customers, and nobody else, is refused and named by an incident.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server, kRoot, pollUntil, runToEnd } from '../harness/server.mjs';
import { Simulator } from '../harness/simulator.mjs';

let simulator;
let server;
before(async () => {
  simulator = await Simulator.start();
  server = await Server.start({
    anonymous: true,
    args: ['--gateway', '127.0.0.1:0', '--provider', `openai=${simulator.url}`, '--monitors', join(kRoot, 'datadog/monitors.json')],
  });
});
after(async () => {
  await server.stop();
  await simulator.stop();
});

const calls = async () => (await server.call('GET', '/api/godseye/v1/gateway/calls', { query: { limit: 200 } })).calls;

test('customers are answered, the attacker is refused and named by an incident', async () => {
  const demo = await runToEnd(process.execPath, [
    join(kRoot, 'demo/shop_chat.mjs'), '--gateway', server.listeners.gateway, '--api', server.listeners.http, '--rate', '5', '--duration', '18',
    '--attack-after', '2', '--attack-for', '60',
  ]);
  assert.equal(demo.code, 0, demo.stderr);
  const [, sent, answered, refused, failed, hostile] = demo.stdout.match(/stopped: (\d+) messages, (\d+) answered, (\d+) refused, (\d+) failed, (\d+) hostile/).map(Number);
  assert.equal(failed, 0, demo.stdout);
  assert.ok(hostile >= 5 && refused >= 3 && refused <= hostile, demo.stdout);
  assert.equal(answered, sent - refused, demo.stdout);
  const incident = await pollUntil('the incident', async () => (await server.call('GET', '/api/v2/incidents')).data[0]);
  assert.match(JSON.stringify(incident.attributes.fields.attributed_to), /session_id:mallory-77/);
});

test('every call is there once, with its session; refused ones never reached the provider', async () => {
  const all = await calls();
  const refused = all.filter((call) => call.status === 403);
  assert.ok(refused.length >= 3);
  for (const call of refused) assert.equal(call.session, 'mallory-77');
  const stats = (await simulator.request('GET', '/simulator/stats')).json;
  assert.equal(stats.chats, all.length - refused.length);
  for (const call of all) if (call.status === 200) assert.match(call.model, /-simulated$/);
});

test('tokens and answers became metrics of the services', async () => {
  const tokens = await pollUntil('tokens', async () => (await server.total('sum:llm.tokens.output{env:demo}.as_count()')) || null);
  assert.ok(tokens > 100, `${tokens}`);
});
