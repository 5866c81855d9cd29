// Who may do what on a real server: every route with every role, sessions, forged requests, guessing, scoped keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kBinary, runToEnd, Server } from '../harness/server.mjs';

const kRoles = ['viewer', 'responder', 'editor', 'admin'];
const kAccess = '/api/godseye/v1/access';
const kPassword = 'correct horse battery';

let server = null;
const browsers = {};

// Not the harness's request: that one sends keys.
async function ask(method, path, { browser = null, headers = {}, body } = {}) {
  const reply = await fetch(server.url + path, {
    method,
    headers: {
      'x-godseye-page': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(browser ? { cookie: browser.cookie, 'x-godseye-csrf': browser.csrf } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  // Event streams do not end by themselves.
  const stream = reply.headers.get('content-type')?.startsWith('text/event-stream');
  const text = stream ? '' : await reply.text();
  if (stream) await reply.body.cancel();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // none
  }
  return { status: reply.status, headers: reply.headers, text, json };
}

async function signIn(handle, password = kPassword, headers = {}) {
  const reply = await ask('POST', `${kAccess}/session`, { body: { handle, password }, headers });
  const cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { reply, browser: { cookie, csrf: reply.json?.csrf ?? '' } };
}

const user = (args, options = {}) =>
  runToEnd(kBinary, ['user', ...args, '--server', server.url], { env: { DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey }, ...options });

before(async () => {
  server = await Server.start();
  for (const role of kRoles) {
    const added = await user(['add', `${role}-1`, '--role', role, '--password-stdin'], { input: kPassword + '\n' });
    assert.equal(added.code, 0, added.stderr);
    browsers[role] = (await signIn(`${role}-1`)).browser;
  }
});
after(() => server?.stop());

test('every route has a rule, and each role gets what the table says', async () => {
  const { routes } = (await ask('GET', `${kAccess}/routes`, { browser: browsers.admin })).json;
  assert.ok(routes.length > 80, `${routes.length} routes`);
  const guarded = routes.filter((route) => route.permission);
  assert.deepEqual(guarded.filter((route) => !route.decided).map((route) => `${route.method} ${route.path}`), [],
    'routes without a line in lib/api/src/access_rules.cpp');
  // What is open must be meant to be.
  assert.deepEqual(routes.filter((route) => !route.permission).map((route) => `${route.method} ${route.path}`).sort(), [
    'GET /api/godseye/v1/access/session', 'GET /api/godseye/v1/health', 'GET /health', 'POST /api/godseye/v1/access/session',
  ]);
  const wrong = [];
  for (const route of guarded) {
    const path = route.path.replace(/\{([^}]+)\}/g, 'nothing-1');
    const nobody = await ask(route.method, path, { body: route.method === 'GET' ? undefined : {} });
    if (nobody.status !== 401) wrong.push(`nobody ${route.method} ${path}: ${nobody.status}`);
    for (const [level, role] of kRoles.entries()) {
      if (level >= kRoles.indexOf(route.least_role)) continue;
      const reply = await ask(route.method, path, { browser: browsers[role], body: route.method === 'GET' ? undefined : {} });
      if (reply.status !== 403 || !reply.text.includes(route.permission)) wrong.push(`${role} ${route.method} ${path}: ${reply.status}`);
    }
    // The least role is let in. Only reading: what changes would change this server.
    if (route.method !== 'GET') continue;
    const reply = await ask('GET', path, { browser: browsers[route.least_role] });
    if ([401, 403].includes(reply.status)) wrong.push(`${route.least_role} GET ${path}: ${reply.status} ${reply.text.slice(0, 100)}`);
  }
  assert.deepEqual(wrong, []);
});

test('a change by a browser needs the token and our own page', async () => {
  const { browser } = await signIn('editor-1');
  const monitor = { name: 'x', type: 'query alert', query: 'avg(last_5m):avg:a.b{*} > 1', message: '' };
  const forged = [
    { cookie: browser.cookie },
    { cookie: browser.cookie, 'x-godseye-csrf': browsers.admin.csrf },
    { cookie: browser.cookie, 'x-godseye-csrf': browser.csrf, origin: 'https://evil.example' },
    { cookie: browser.cookie, 'x-godseye-csrf': browser.csrf, origin: 'null' },
    { cookie: browser.cookie, 'x-godseye-csrf': browser.csrf, 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of forged) {
    const reply = await ask('POST', '/api/v1/monitor', { headers, body: monitor });
    assert.equal(reply.status, 403, JSON.stringify(headers));
  }
  const made = await ask('POST', '/api/v1/monitor', { browser, body: monitor, headers: { origin: server.url } });
  assert.equal(made.status, 200, made.text);
  assert.equal((await ask('DELETE', `/api/v1/monitor/${made.json.id}`, { browser })).status, 200);
  const audit = await ask('GET', '/api/godseye/v1/audit?action=monitor.', { browser });
  assert.equal(audit.json.entries[0].actor, 'editor-1');
  assert.equal((await signIn('editor-1', kPassword, { origin: 'https://evil.example' })).reply.status, 403);
});

test('a token is new at each sign-in, and ends with signing out, with disabling, with a new password', async () => {
  const planted = (await signIn('viewer-1')).browser;
  const { reply, browser } = await signIn('viewer-1', kPassword, { cookie: planted.cookie });
  assert.notEqual(browser.cookie, planted.cookie);
  assert.match(reply.headers.get('set-cookie'), /HttpOnly; SameSite=Lax/);
  const works = async (one) => (await ask('GET', '/api/v1/monitor', { browser: one })).status;
  assert.equal(await works(planted), 401, 'what was in the browser before is worth nothing');
  assert.equal(await works(browser), 200);
  assert.equal((await ask('DELETE', `${kAccess}/session`, { browser })).status, 200);
  assert.equal(await works(browser), 401);
  const disabled = (await signIn('viewer-1')).browser;
  assert.equal((await user(['disable', 'viewer-1'])).code, 0);
  assert.equal(await works(disabled), 401);
  assert.equal((await signIn('viewer-1')).reply.status, 401);
  assert.equal((await user(['enable', 'viewer-1'])).code, 0);
  const before = (await signIn('viewer-1')).browser;
  const changed = await user(['password', 'viewer-1']);
  const password = changed.stdout.match(/^password=(\S+)$/m)?.[1];
  assert.ok(password, changed.stdout + changed.stderr);
  assert.equal(await works(before), 401);
  browsers.viewer = (await signIn('viewer-1', password)).browser;
  assert.equal(await works(browsers.viewer), 200);
  // A role counts from the next request on.
  assert.equal((await user(['role', 'viewer-1', 'editor'])).code, 0);
  assert.equal((await ask('POST', '/api/v1/monitor/validate', { browser: browsers.viewer, body: {} })).status, 400);
  assert.equal((await user(['role', 'viewer-1', 'viewer'])).code, 0);
});

test('guessing a password ends soon and says nothing about who exists', async () => {
  assert.equal((await user(['add', 'victim', '--password-stdin'], { input: kPassword })).code, 0);
  const texts = new Set();
  let limited = null;
  for (let i = 0; i < 20 && !limited; i += 1) {
    const { reply } = await signIn('victim', `guess number ${i}`);
    if (reply.status === 429) limited = reply;
    else texts.add(`${reply.status} ${reply.text}`);
  }
  const unknown = await signIn('nobody-at-all', 'guess');
  texts.add(`${unknown.reply.status} ${unknown.reply.text}`);
  assert.deepEqual(texts.size, 1, [...texts].join('\n'));
  assert.ok(limited, 'never limited');
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.equal((await signIn('victim')).reply.status, 429, 'also with the right one');
  assert.equal((await signIn('editor-1')).reply.status, 200, 'others sign in');
});

test('an application key may what its scopes and its owner may', async () => {
  const make = (attributes) => ask('POST', '/api/v2/current_user/application_keys', { browser: browsers.editor, body: { data: { type: 'application_keys', attributes } } });
  const made = await make({ name: 'ci', scopes: ['monitors_read'] });
  assert.equal(made.status, 201, made.text);
  const headers = { 'dd-api-key': server.apiKey, 'dd-application-key': made.json.data.attributes.key };
  assert.equal((await ask('GET', '/api/v1/monitor', { headers })).status, 200);
  const refused = await ask('POST', '/api/v1/monitor', { headers, body: {} });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /lacks the scope monitors_write/);
  const whole = (await make({ name: 'all' })).json.data;
  const wide = { 'dd-api-key': server.apiKey, 'dd-application-key': whole.attributes.key };
  assert.equal((await ask('GET', '/api/v2/api_keys', { headers: wide })).status, 403, 'an editor may not, so their key may not');
  assert.equal((await ask('DELETE', `/api/v2/current_user/application_keys/${whole.id}`, { browser: browsers.editor })).status, 204);
  assert.equal((await ask('GET', '/api/v1/monitor', { headers: wide })).status, 401);
  const listed = await ask('GET', '/api/v2/current_user/application_keys', { browser: browsers.editor });
  assert.ok(!listed.text.includes(headers['dd-application-key']), 'a key is shown once');
});

test('requests are limited by key when that is asked for', async () => {
  const small = await Server.start({ args: ['--rate-limit-key', '5'] });
  try {
    const replies = [];
    for (let i = 0; i < 12; i += 1) replies.push(await small.request('GET', '/api/v1/monitor'));
    const limited = replies.filter((reply) => reply.status === 429);
    assert.ok(limited.length >= 2, replies.map((reply) => reply.status).join(' '));
    assert.match(limited[0].text ?? JSON.stringify(limited[0].json), /Rate limit/);
  } finally {
    await small.stop();
  }
});
