// An incident's whole life, over a restart and a kill -9: a monitor opens it, people comment, tick and command, the alert
// comes back and finds it again, it is exported without a word of it becoming markup. And a case beside it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, kBinary, nowSeconds, pollUntil, runToEnd, temporaryFolder } from '../harness/server.mjs';

const kHostile = '</b><script>alert(1)</script>';
const kMetric = 'incident.life.score';
let dataDir;
let server;
let incident;

const start = async () => { server = await Server.start({ dataDir, anonymous: true, keys: server?.keys ?? null }); };

before(async () => {
  dataDir = temporaryFolder();
  await start();
  for (const [name, message] of [['Life of an incident', '**Next:**\n1. Look at it.\n2. Tell people.\n@incident-life'], ['Burst', '@incident-life'], ['Slow thing', '@case-slow']]) {
    await server.call('POST', '/api/v1/monitor', {
      body: {
        name, type: 'query alert', query: `avg(last_1m):avg:${kMetric}{kind:${name === 'Slow thing' ? 'case' : 'incident'}} by {session_id} > 0.7`,
        message, options: { thresholds: { critical: 0.7 }, on_missing_data: 'resolve' }, priority: name === 'Burst' ? 1 : 2,
      },
    });
  }
});

after(async () => server.stop({ keepData: false }));

const send = (kind, session, value) =>
  server.call('POST', '/api/v2/series', {
    body: { series: [{ metric: kMetric, type: 3, points: [{ timestamp: nowSeconds(), value }], tags: [`kind:${kind}`, `session_id:${session}`] }] },
  });
const incidents = async () => (await server.call('GET', '/api/v2/incidents')).data;
const own = (what) => `/api/godseye/v1/incidents/${incident.id}/${what}`;
const timeline = async () => (await server.call('GET', own('timeline'))).data.map((cell) => cell.attributes);
const change = (attributes, more = {}) =>
  server.call('PATCH', `/api/v2/incidents/${incident.id}`, { query: { author: 'ada' }, body: { data: { id: incident.id, type: 'incidents', attributes, ...more } } });

test('two monitors of one session open one incident, with a checklist', async () => {
  await send('incident', 'mallory-1', 0.9);
  incident = await pollUntil('the incident', async () => (await incidents())[0]);
  const { alerts } = await pollUntil('both alerts', async () => {
    const answer = await server.call('GET', own('alerts'));
    return answer.alerts.length === 2 ? answer : null;
  });
  assert.deepEqual(alerts.map((alert) => alert.group), ['session_id:mallory-1', 'session_id:mallory-1']);
  assert.equal((await incidents()).length, 1);
  const todos = (await server.call('GET', `/api/v2/incidents/${incident.id}/relationships/todos`)).data;
  assert.deepEqual(todos.map((todo) => todo.attributes.content).slice(0, 2), ['Look at it.', 'Tell people.']);
  incident = (await incidents())[0];
  assert.equal(incident.attributes.severity, 'SEV-1', 'the worse of the two');
});

test('people comment and command; a restart keeps all of it', async () => {
  await server.call('POST', own('timeline'), { body: { content: `Seen ${kHostile}`, author: 'eve' } });
  await change({ fields: { severity: { type: 'dropdown', value: 'SEV-3' } } }, { relationships: { commander_user: { data: { id: 'ada', type: 'users' } } } });
  await server.stop({ keepData: true });
  await start();
  const read = (await server.call('GET', `/api/v2/incidents/${incident.id}`)).data;
  assert.equal(read.attributes.severity, 'SEV-3');
  assert.equal(read.relationships.commander_user.data.id, 'ada');
  const comment = (await timeline()).find((cell) => cell.kind === 'comment');
  assert.equal(comment.content.content, `Seen ${kHostile}`);
  assert.match(comment.author, /^eve/);
});

test('a person resolves it; after a kill -9 the same alert opens it again', async () => {
  await change({ fields: { state: { type: 'dropdown', value: 'resolved' } } });
  await server.stop({ signal: 'SIGKILL', keepData: true });
  await start();
  assert.equal((await incidents())[0].attributes.state, 'resolved');
  // Its alerts end, and come back. States are known again after the first evaluation.
  const alerts = async () => (await server.call('GET', '/api/v1/monitor')).filter((one) => one.overall_state === 'Alert').length;
  await pollUntil('the alerts of before', async () => (await alerts()) === 2);
  await send('incident', 'mallory-1', -50);
  await pollUntil('the alerts to be over', async () => (await alerts()) === 0);
  await send('incident', 'mallory-1', 1000);
  await pollUntil('the incident again', async () => (await incidents())[0].attributes.state === 'active');
  assert.equal((await incidents()).length, 1, 'no second one');
  assert.ok((await timeline()).some((cell) => /Opened again/.test(cell.content.content)));
});

test('it is exported by the program and by the API, and nothing in it is markup', async () => {
  await change({ title: `Attack ${kHostile}` });
  const ended = await runToEnd(kBinary, ['incident', 'export', String(incident.attributes.public_id), '--server', server.url]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /^# Incident 1: Attack \\</);
  assert.match(ended.stdout, /comment by eve/);
  assert.match(ended.stdout, /- \[ \] Look at it/);
  const outside = ended.stdout.replace(/^(`{3,})text\n.*?^\1$/gms, '');
  assert.doesNotMatch(outside, /(?<!\\)<\/?\w/, 'no HTML outside of blocks');
  const missing = await runToEnd(kBinary, ['incident', 'export', '99', '--server', server.url]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no incident has the id 99/);
});

test('a case is opened instead where the message asks for one, and becomes an incident by hand', async () => {
  await send('case', 'slow-1', 0.9);
  const found = await pollUntil('the case', async () => (await server.call('GET', '/api/v2/cases')).data[0]);
  assert.equal(found.attributes.priority, 'P2');
  assert.equal(found.attributes.status, 'OPEN');
  assert.ok((await incidents()).every((one) => !/Slow thing/.test(one.attributes.title)));
  const evidence = await server.call('GET', `/api/godseye/v1/cases/${found.attributes.key}/evidence`);
  assert.deepEqual(evidence.prompts, []);
  const made = (await server.call('POST', `/api/godseye/v1/cases/${found.attributes.key}/incident`)).data;
  assert.equal(made.attributes.severity, 'SEV-2');
  const audit = await server.call('GET', '/api/godseye/v1/audit', { query: { action: 'case.' } });
  assert.ok(audit.entries.length >= 1);
});
