// Notification channels of a real server against real receivers: an SMTP server whose mail a mail parser reads, HTTP
// servers that stand for Slack, PagerDuty and webhooks; their tests, their log, a kill in the middle.
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { Server, WebhookSink, pollUntil, temporaryFolder } from '../harness/server.mjs';

const kBase = '/api/godseye/v1/notifications';
const kSecret = 'a secret that both ends know';
let server;
let sink;
let smtp;
let dataDir;
let certificate;
const mails = [];

function mailServer(options) {
  const made = new SMTPServer({
    logger: false, ...options,
    onRcptTo: ({ address }, _session, done) => done(address.startsWith('nobody') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : undefined),
    onData: (stream, session, done) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const { envelope, secure, user } = session;
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), from: envelope.mailFrom.address, secure, user, raw: Buffer.concat(chunks) });
        done();
      });
    },
  });
  made.on('error', () => {}); // clients that hang up at a certificate
  return new Promise((resolve) => made.listen(0, '127.0.0.1', () => {
    made.server.unref();
    resolve(made);
  }));
}

// What docs/notifications.md tells receivers to do.
function verify(header, body, toleranceSeconds = 300) {
  const parts = Object.fromEntries(header.split(',').map((part) => part.split('=')));
  const expected = createHmac('sha256', kSecret).update(`${parts.t}.${body}`).digest();
  const given = Buffer.from(parts.v1 ?? '', 'hex');
  return Math.abs(Date.now() / 1000 - Number(parts.t)) <= toleranceSeconds && given.length === expected.length
    && timingSafeEqual(given, expected);
}

const make = (body) => server.call('POST', `${kBase}/channels`, { body });
const of = (path) => sink.calls.filter((call) => call.url === path);

before(async () => {
  dataDir = temporaryFolder();
  sink = await WebhookSink.start((call) => (call.url === '/pagerduty' ? 202 : call.url === '/moved' ? 302 : 200));
  smtp = await mailServer({ disabledCommands: ['STARTTLS'], authOptional: true });
  certificate = { key: join(dataDir, 'key.pem'), cert: join(dataDir, 'cert.pem') };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', certificate.key, '-out', certificate.cert], { stdio: 'ignore' });
  server = await Server.start({ dataDir: join(dataDir, 'data'), args: ['--notification-ca', certificate.cert] });
  await make({ kind: 'slack', name: 'ops', secrets: { url: `${sink.url}/slack` } });
  await make({ kind: 'pagerduty', name: 'infra', settings: { url: `${sink.url}/pagerduty` }, secrets: { routing_key: 'R0UT1NGKEY' } });
  await make({ kind: 'webhook', name: 'signed', settings: { url: `${sink.url}/signed` }, secrets: { hmac_secret: kSecret } });
  await make({
    kind: 'mail', name: 'team',
    settings: { host: '127.0.0.1', port: smtp.server.address().port, tls: 'none', from: 'godseye@example.com', to: ['team@example.com', 'nobody@example.com'] },
  });
  await make({ kind: 'console', name: 'log' });
});

after(async () => {
  await server?.stop({ keepData: true });
  await sink?.stop();
  smtp?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('one alert reaches every channel that its message names', async () => {
  await server.call('POST', '/api/v1/monitor', {
    body: {
      name: 'Hot <!channel>', type: 'metric alert', query: 'max(last_1m):max:e2e.heat{*} by {room} > 5',
      options: { thresholds: { critical: 5 }, on_missing_data: 'resolve' },
      message: 'Ünder the roof: {{room.name}} @channel\n@slack-ops @pagerduty-infra @webhook-signed @mail-team @boss@example.com @console-log @oncall-night @incident-heat',
    },
  });
  await server.send('e2e.heat:9|d|#room:<b>attic</b>');
  await pollUntil('all of them', () => of('/slack').length > 0 && of('/pagerduty').length > 0 && of('/signed').length > 0 && mails.length >= 2);

  const slack = JSON.parse(of('/slack')[0].body);
  assert.equal(slack.attachments[0].color, '#d63b3b');
  assert.match(slack.text, /Hot &lt;!channel&gt;/);
  assert.doesNotMatch(of('/slack')[0].body, /@channel/);

  const event = JSON.parse(of('/pagerduty')[0].body);
  assert.equal(event.event_action, 'trigger');
  assert.equal(event.routing_key, 'R0UT1NGKEY');
  assert.match(event.dedup_key, /^godseye:\d+\/room:/);

  const call = of('/signed')[0];
  assert.ok(verify(call.headers['x-godseye-signature'], call.body));
  assert.ok(!verify(call.headers['x-godseye-signature'], `${call.body} `));
  assert.equal(call.headers['x-godseye-delivery'], JSON.parse(call.body).id);

  const team = mails.find(({ to }) => to.includes('team@example.com'));
  assert.deepEqual(team.to, ['team@example.com'], 'a refused address does not keep the others from being told');
  assert.deepEqual(mails.find(({ to }) => to.includes('boss@example.com')).to, ['boss@example.com']);
  const mail = await PostalMime.parse(team.raw);
  assert.match(mail.subject, /^\[Triggered on \{room:/);
  assert.match(mail.text, /Ünder the roof/);
  assert.doesNotMatch(mail.html, /<b>attic/);
  assert.equal(mail.from.address, 'godseye@example.com');
  assert.match(mail.messageId, /^<[0-9a-f-]{36}@example\.com>$/);
  assert.match(server.stdout + server.stderr, /notification: \[Triggered on/);
});

test('whoever is paged hears that somebody has the incident in hand, and that it is over, under one key', async () => {
  const events = () => of('/pagerduty').map(({ body }) => JSON.parse(body)).filter((event) => /room:/.test(event.dedup_key));
  const [incident] = (await server.call('GET', '/api/v2/incidents')).data;
  const change = (state) =>
    server.call('PATCH', `/api/v2/incidents/${incident.id}`, {
      body: { data: { id: incident.id, type: 'incidents', attributes: { fields: { state: { type: 'dropdown', value: state } } } } },
    });
  await change('stable');
  await pollUntil('acknowledge', () => events().some(({ event_action }) => event_action === 'acknowledge'));
  await change('resolved');
  await pollUntil('resolve', () => events().some(({ event_action }) => event_action === 'resolve'));
  assert.equal(new Set(events().map((event) => event.dedup_key)).size, 1);
  assert.deepEqual(events().slice(0, 3).map((event) => event.event_action), ['trigger', 'acknowledge', 'resolve']);
});

test('the test button says what the receiver said, the log keeps it, and a message can be sent again', async () => {
  const moved = await make({ kind: 'webhook', name: 'moved', settings: { url: `${sink.url}/moved` } });
  const result = await server.call('POST', `${kBase}/channels/${moved.id}/test`);
  assert.equal(result.delivered, false);
  assert.equal(result.status, 302);
  assert.match(result.error, /redirects are not followed/);
  const { channels } = await server.call('GET', `${kBase}/channels`);
  assert.doesNotMatch(JSON.stringify(channels), /R0UT1NGKEY|a secret that both|\/slack/);
  const infra = channels.find(({ kind }) => kind === 'pagerduty');
  const began = of('/pagerduty').length;
  assert.equal((await server.call('POST', `${kBase}/channels/${infra.id}/test`)).delivered, true);
  assert.deepEqual(of('/pagerduty').slice(began).map(({ body }) => JSON.parse(body).event_action), ['trigger', 'resolve']);

  const { deliveries } = await server.call('GET', `${kBase}/deliveries`, { query: { kind: 'slack', state: 'delivered' } });
  const sent = of('/slack').length;
  await server.call('POST', `${kBase}/deliveries/${deliveries[0].id}/resend`);
  await pollUntil('the message once more', () => of('/slack').length > sent);
  const log = await pollUntil('its log', async () => {
    const one = await server.call('GET', `${kBase}/deliveries/${deliveries[0].id}`);
    return one.attempt_log.length === 2 && one;
  });
  assert.equal(log.event_id, deliveries[0].event_id);
});

test('mail is encrypted and signed in, and goes to no server whose certificate is another', async () => {
  const options = {
    key: readFileSync(certificate.key), cert: readFileSync(certificate.cert),
    onAuth: ({ username, password }, _session, done) => (username === 'god' && password === 'p4ss w0rd' ? done(null, { user: username }) : done(new Error('no'))),
  };
  const [startTls, implicit] = [await mailServer(options), await mailServer({ ...options, secure: true })];
  const channel = (name, to, tls, more = {}) => make({
    kind: 'mail', name, secrets: { password: more.password ?? 'p4ss w0rd' },
    settings: { host: more.host ?? 'localhost', port: to.server.address().port, tls, user: 'god', from: 'godseye@example.com', to: ['a@example.com'] },
  });
  const testOf = async (made) => server.call('POST', `${kBase}/channels/${(await made).id}/test`);
  for (const [name, to, tls] of [['starttls', startTls, 'starttls'], ['implicit', implicit, 'implicit']]) {
    const result = await testOf(channel(name, to, tls));
    assert.equal(result.delivered, true, `${tls}: ${result.error} ${result.answer}`);
    const mail = mails.filter(({ to }) => to.includes('a@example.com')).at(-1);
    assert.equal(mail.secure, true);
    assert.equal(mail.user, 'god');
  }
  const wrong = await testOf(channel('wrong', startTls, 'starttls', { password: 'guessed' }));
  assert.equal(wrong.delivered, false);
  assert.equal(wrong.status, 535);
  const plain = await testOf(channel('downgraded', smtp, 'starttls'));
  assert.match(plain.error, /no STARTTLS/);
  const strange = await Server.start({ args: ['--allow-private-webhooks'] });
  try {
    const made = await strange.call('POST', `${kBase}/channels`, {
      body: { kind: 'mail', name: 'm', settings: { host: 'localhost', port: implicit.server.address().port, tls: 'implicit', from: 'a@example.com', to: ['b@example.com'] } },
    });
    assert.match((await strange.call('POST', `${kBase}/channels/${made.id}/test`)).error, /certificate|SSL/i);
  } finally {
    await strange.stop();
  }
  assert.equal(mails.filter(({ to }) => to.includes('a@example.com') || to.includes('b@example.com')).length, 2, 'the two that were delivered');
  startTls.close();
  implicit.close();
});

test('what is owed when the server is killed is delivered after', async () => {
  await sink.stop();
  await server.send('e2e.heat:9|d|#room:cellar');
  const owed = await pollUntil('a delivery that is tried again', async () => {
    const { deliveries } = await server.call('GET', `${kBase}/deliveries`, { query: { kind: 'webhook', state: 'pending' } });
    return deliveries.find(({ group, attempts }) => group === 'room:cellar' && attempts > 0);
  });
  const { keys } = server;
  await server.stop({ signal: 'SIGKILL', keepData: true });
  const port = Number(new URL(sink.url).port);
  sink.calls.length = 0;
  await new Promise((resolve) => sink.server.listen(port, '127.0.0.1', resolve));
  server = await Server.start({ dataDir: join(dataDir, 'data'), keys });
  await pollUntil('the webhook', () => of('/signed').some(({ headers }) => headers['x-godseye-delivery'] === owed.event_id));
});

test('without the setting, private addresses are not called', async () => {
  const strict = await Server.start({ args: ['--allow-private-webhooks=false'] });
  try {
    for (const url of [`${sink.url}/private`, sink.url.replace('127.0.0.1', 'localhost'), 'http://169.254.169.254/latest', 'http://[::ffff:7f00:1]/']) {
      const made = await strict.call('POST', `${kBase}/channels`, { body: { kind: 'webhook', name: `n${Math.random()}`, settings: { url } } });
      const result = await strict.call('POST', `${kBase}/channels/${made.id}/test`);
      assert.equal(result.delivered, false);
      assert.match(result.error, /may not be called/, url);
    }
    const mail = await strict.call('POST', `${kBase}/channels`, {
      body: { kind: 'mail', name: 'm', settings: { host: 'localhost', port: smtp.server.address().port, tls: 'none', from: 'a@example.com', to: ['b@example.com'] } },
    });
    assert.match((await strict.call('POST', `${kBase}/channels/${mail.id}/test`)).error, /may not be called/);
    assert.equal(of('/private').length, 0);
  } finally {
    await strict.stop();
  }
});
