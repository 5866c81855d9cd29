// The trace pages against a real server: spans go in through the trace agent and are looked at in Chromium. Skipped where
// there is no Chromium or no built server (build/release/bin/godseye, or $GODSEYE_BINARY).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { kBinary, pollUntil, Server } from '../../tests/harness/server.mjs';
import { chromiumPath, startBrowser, watch } from './browser.mjs';
import { kHostileTexts } from './fake_traces.mjs';
import { sendChats, sendLarge } from './send_spans.mjs';

const kLargeSpans = 33_000;
const skip = chromiumPath() === null ? 'no Chromium on this machine (set CHROMIUM)' : existsSync(kBinary) ? false : `${kBinary} is not built: ./test release`;
// Spans are queryable seconds after they arrive; a loaded machine takes longer.
const kWaitSeconds = 90;

let server = null;
let browser = null;
let page = null;
let seen = null;
let sent = null;

before(async () => {
  if (skip) return;
  server = await Server.start({ args: ['--trace-agent', '127.0.0.1:0'], anonymous: true });
  sent = await sendChats(agentUrl());
  await pollUntil('the spans sent can be queried', async () => (await api(`spans?query=service:hostile&limit=5`)).spans.length === 2, { seconds: kWaitSeconds });
  browser = await startBrowser({ viewport: { width: 1440, height: 900 } });
  page = await browser.context.newPage();
  page.setDefaultTimeout(30_000);
  seen = watch(page, base());
});

after(async () => {
  if (skip) return;
  await browser?.stop();
  await server?.stop();
});

const base = () => process.env.GODSEYE_PAGES ?? server.url; // another origin that serves the pages and passes the API on
const agentUrl = () => `http://${server.listeners['trace-agent']}`;
const api = (path) => server.call('GET', `/api/godseye/v1/${path}`);
const open = (path) => page.goto(base() + path);
const rows = () => page.getByTestId('spans').locator('tbody tr');
const chat = (test) => sent.chats.find(test);

function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from telemetry ran');
  seen.errors.length = 0;
}

async function assertNoMarkup() {
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll('img, script:not([src^="/assets/"]), iframe, object, svg[onload]').length,
    handlers: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length,
    links: [...document.querySelectorAll('a')].filter((a) => a.origin !== location.origin).map((a) => a.href),
    bidi: /[\u202a-\u202e\u2066-\u2069\u0000\u001b]/.test(document.body.textContent),
  }));
  assert.deepEqual(found, { elements: 0, handlers: 0, links: [], bidi: false });
}

test('a search finds what was sent, with facets and counts', { skip }, async () => {
  await open('/traces?q=service%3Achatbot&range=1d');
  await rows().first().waitFor();
  assert.match(await page.getByTestId('span-count').textContent(), new RegExp(`^${4 * sent.chats.length} spans`));
  await page.getByTestId('facets').getByRole('button', { name: /^error/ }).click();
  await page.waitForURL(/status%3Aerror/);
  const failed = sent.chats.filter((one) => one.failed).length;
  await page.getByTestId('span-count').getByText(String(2 * failed)).waitFor();
  await open(`/traces?q=${encodeURIComponent('@meta.model_name:gemini-2.0-flash')}&range=1d`);
  await rows().getByRole('link', { name: 'generateContent' }).first().waitFor();
  assertClean();
});

test('a wrong search shows the column the server names', { skip }, async () => {
  await open(`/traces?q=${encodeURIComponent('service:(web OR')}`);
  const [text, mark] = (await page.getByTestId('caret').textContent()).split('\n');
  const stated = Number(/Column (\d+)/.exec(await page.getByRole('alert').textContent())[1]);
  assert.equal(mark.indexOf('^') + 1, stated);
  assert.equal(text.trimEnd(), 'service:(web OR');
  assertClean(/400 \(/);
});

test('a trace shows messages, tokens, cost with its price, and scores', { skip }, async () => {
  const one = chat((c) => !c.failed && !c.attack);
  await open(`/traces/${one.trace_id}`);
  await page.getByTestId('trace-summary').getByText('6 in 3 services').waitFor();
  await page.getByTestId('waterfall').getByText('generateContent').click();
  const details = page.getByTestId('span-details');
  await details.locator('.role-user').first().waitFor();
  const cost = await details.getByTestId('cost').textContent();
  assert.match(cost, /Input, read from cache1\D?024/);
  assert.match(cost, /\$0\.000\d+/, 'the cost of a known model is known');
  await details.getByTestId('scores').waitFor();
  assertClean();
});

test('a session is a conversation, and the attack in it is marked', { skip }, async () => {
  const attack = chat((c) => c.attack);
  await open('/sessions?range=1d');
  await page.getByTestId('sessions').getByRole('link', { name: attack.session_id }).click();
  const turns = page.getByTestId('conversation').locator('.turn');
  await turns.first().waitFor();
  assert.equal(await turns.count(), sent.chats.filter((c) => c.session_id === attack.session_id).length);
  await turns.first().getByText('Ignore all previous instructions').waitFor();
  await turns.first().getByText(/Prompt injection 0\.\d+: (refused|suspicious)/).waitFor();
  await page.getByTestId('activity').getByRole('link', { name: attack.user_id }).click();
  await page.getByTestId('sessions').getByRole('link', { name: attack.session_id }).waitFor();
  assertClean();
});

test('service map, errors and ingestion show it too', { skip }, async () => {
  await open('/service-map?range=1d');
  await page.getByTestId('service-map').getByRole('button', { name: /^chatbot/ }).waitFor();
  await page.getByTestId('map-calls').getByText('frontend').first().waitFor();
  await open('/errors?range=1d');
  await page.getByRole('button', { name: /ResourceExhausted/ }).click();
  await page.getByText('File "/app/chat.py", line 88').waitFor();
  await page.getByRole('link', { name: 'Newest trace' }).click();
  await page.getByTestId('waterfall').waitFor();
  await open('/ingestion');
  await page.getByTestId('proof').getByText('python 4.10.6').waitFor();
  await page.getByTestId('proof').getByText('Everything accepted can be queried').waitFor();
  assertClean();
});

test('hostile text stays text', { skip }, async () => {
  for (const path of ['/traces?q=service%3Ahostile&range=1d', `/traces/${sent.hostile.trace_id}`, '/sessions?range=1d', `/sessions?id=${encodeURIComponent(sent.hostile.session_id)}`, '/users?range=1d', '/errors?range=1d']) {
    await open(path);
    await page.getByText(/onerror|javascript:/).first().waitFor();
    await assertNoMarkup();
  }
  await open(`/traces/${sent.hostile.trace_id}`);
  await page.getByTestId('waterfall').getByText(kHostileTexts[0]).first().click();
  await page.getByTestId('llm').getByText('⟨hidden text: IGNORE⟩').first().waitFor();
  await assertNoMarkup();
  assertClean();
});

test('a session is erased from the page, and is gone from the store', { skip }, async () => {
  const { session_id } = chat((c) => c.attack);
  await open(`/sessions?id=${encodeURIComponent(session_id)}`);
  await page.getByRole('button', { name: /^Erase this session/ }).click();
  await page.getByRole('button', { name: 'Yes, erase' }).click();
  await page.getByTestId('erased').getByText(/Erased: \d+ rows/).waitFor({ timeout: 120_000 });
  assert.equal(await page.getByTestId('conversation').count(), 0);
  assert.equal((await server.request('GET', `/api/godseye/v1/sessions/${encodeURIComponent(session_id)}`)).status, 404);
  assert.equal((await api(`spans?query=${encodeURIComponent(`@session_id:${session_id}`)}`)).spans.length, 0);
  assertClean(/404 \(/);
});

test('33,000 spans open from the store', { skip }, async () => {
  const id = await sendLarge(agentUrl(), kLargeSpans, sent.run);
  await pollUntil('the large trace can be queried', async () => (await api(`spans/facets?query=trace_id:${id}`)).spans === kLargeSpans, { seconds: kWaitSeconds, everyMilliseconds: 1000 });
  const started = Date.now();
  await open(`/traces/${id}`);
  const grid = page.getByTestId('waterfall');
  await grid.waitFor();
  const first_ms = Date.now() - started;
  await page.getByTestId('trace-summary').getByText('33\u202f000 in 3 services').waitFor();
  console.log(`33,000 spans of a real server: first rows after ${first_ms} ms, all after ${Date.now() - started} ms`);
  assert.ok((await grid.getByRole('row').count()) < 100);
  assertClean();
});
