// The trace pages in Chromium, against the fake API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromiumPath, startBrowser, watch } from './browser.mjs';
import { startFakeApi } from './fake_api.mjs';
import { kBigTrace, kBigTraceSpans, kHostileTexts, kHostileTrace, kMegabyte } from './fake_traces.mjs';

const skip = chromiumPath() === null ? 'no Chromium on this machine (set CHROMIUM)' : false;
let fake = null;
let browser = null;
let page = null;
let seen = null;

before(async () => {
  if (skip) return;
  fake = await startFakeApi();
  browser = await startBrowser({ viewport: { width: 1440, height: 900 } });
  page = await browser.context.newPage();
  seen = watch(page, fake.url);
});

after(async () => {
  if (skip) return;
  await browser?.stop();
  await fake?.stop();
});

const open = (path) => page.goto(fake.url + path);

function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from telemetry ran');
  seen.errors.length = 0;
}

// Text that a stranger wrote has become no element, no attribute that runs, no address.
async function assertNoMarkup() {
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll('img, script:not([src^="/assets/"]), iframe, object, svg[onload]').length,
    handlers: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length,
    links: [...document.querySelectorAll('a')].filter((a) => a.origin !== location.origin || !/^https?:$/.test(a.protocol)).map((a) => a.href),
    bidi: /[\u202a-\u202e\u2066-\u2069\u0000\u001b]/.test(document.body.textContent) || /[\u202a-\u202e\u2066-\u2069]/.test(document.title),
  }));
  assert.deepEqual(found, { elements: 0, handlers: 0, links: [], bidi: false });
}

const rows = () => page.getByTestId('spans').locator('tbody tr');

test('a search is written, run by Enter, kept in the URL and narrowed by facets', { skip }, async () => {
  await open('/traces');
  await rows().first().waitFor();
  const all = await page.getByTestId('span-count').textContent();
  const box = page.getByRole('combobox', { name: 'Search spans' });
  await box.pressSequentially('service:cha');
  await page.getByRole('option', { name: 'service:chatbot' }).waitFor();
  await box.press('ArrowDown');
  await box.press('Enter');
  assert.equal(await box.inputValue(), 'service:chatbot ');
  await box.press('Enter');
  await page.waitForURL(/q=service%3Achatbot/);
  await page.getByTestId('facets').getByRole('button', { name: /^error/ }).click();
  await page.waitForURL(/status%3Aerror/);
  assert.equal(await box.inputValue(), 'service:chatbot status:error');
  await page.waitForFunction(() => [...document.querySelectorAll('[data-testid=spans] tbody tr')].every((row) => row.classList.contains('failed')));
  assert.notEqual(await page.getByTestId('span-count').textContent(), all);
  await page.getByRole('button', { name: 'Leave out operation flask.request' }).click();
  await page.waitForURL(/-operation_name%3Aflask.request/);
  await page.goBack();
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('[role=combobox]').value === 'service:chatbot');
  assertClean();
});

test('bars show spans over time, and a drag on them narrows the range', { skip }, async () => {
  await open('/traces?q=service%3Achatbot');
  const bars = page.getByTestId('histogram').locator('svg');
  await bars.locator('.bar-ok').first().waitFor();
  assert.ok((await bars.locator('.bar-error').count()) > 0);
  const edge = await bars.boundingBox();
  await page.mouse.move(edge.x + edge.width * 0.6, edge.y + 30);
  await page.mouse.down();
  await page.mouse.move(edge.x + edge.width * 0.8, edge.y + 30, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+/);
  await rows().first().waitFor();
  assertClean();
});

test('any time range can be typed', { skip }, async () => {
  await open('/traces');
  await page.getByLabel('Other time range').click();
  await page.getByLabel('From', { exact: true }).fill('2026-01-01T03:00:00');
  await page.getByLabel('To', { exact: true }).fill('2026-01-01T02:00:00');
  assert.equal(await page.getByRole('button', { name: 'Show', exact: true }).isDisabled(), true);
  await page.getByLabel('To', { exact: true }).fill('2026-01-01T04:00:00');
  await page.getByLabel('To', { exact: true }).press('Enter');
  await page.waitForURL(/from=17672\d+&to=17672\d+/);
  await page.getByText('No spans in this time range').waitFor();
  assertClean();
});

test('older spans come by a button, and new ones wait meanwhile', { skip }, async () => {
  await open('/traces?range=1d');
  await rows().first().waitFor();
  assert.equal(await rows().count(), 50);
  await page.getByRole('button', { name: 'Show 50 older' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=spans] tbody tr').length === 100);
  await page.getByRole('button', { name: /Paused/ }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=spans] tbody tr').length === 50);
  assertClean();
});

test('a new span appears by itself, with the count', { skip }, async () => {
  await open('/traces?q=service%3Acatalogue');
  await rows().first().waitFor();
  await page.getByTestId('live').getByText('Live').waitFor();
  const count = async () => Number(/\d+/.exec(await page.getByTestId('span-count').textContent())[0]);
  const before = await count();
  await page.waitForTimeout(1100); // one reload a second
  fake.addTrace();
  await page.waitForFunction((n) => Number(/\d+/.exec(document.querySelector('[data-testid=span-count]').textContent)[0]) > n, before);
  assert.equal(await count(), before + 1);
  assertClean();
});

test('a wrong search shows what the server says and where', { skip }, async () => {
  await open(`/traces?q=${encodeURIComponent('service:(web OR')}`);
  const [text, mark] = (await page.getByTestId('caret').textContent()).split('\n');
  assert.equal(text.trimEnd(), 'service:(web OR');
  assert.equal(mark.indexOf('^'), text.trimEnd().length);
  await page.getByRole('alert').getByText("expected ')'").waitFor();
  assertClean(/400 \(/);
});

test('nothing found says what to do', { skip }, async () => {
  await open('/traces?q=service%3Anowhere');
  await page.getByText('No span matches in this time range').waitFor();
  await page.getByRole('button', { name: 'search for everything' }).click();
  await rows().first().waitFor();
  assertClean();
});

test('a row leads to its trace, with messages, tokens, cost, scores and tags of the span', { skip }, async () => {
  await open('/traces?q=%40meta.span.kind%3Allm');
  await rows().getByRole('link', { name: 'generateContent' }).first().click();
  await page.waitForURL(/\/traces\/[0-9a-f]{32}\?span=\d+/);
  const details = page.getByTestId('span-details');
  await details.locator('.role-user').first().waitFor();
  await details.getByText('Input, read from cache').waitFor();
  assert.match(await details.getByTestId('cost').textContent(), /Tokens in all2\D?104.*\$0\.000188/);
  assert.match(await details.getByTestId('scores').textContent(), /Prompt injection ?0\.\d\d/);
  await details.getByText('price google/gemini-2.0-flash').waitFor();
  assertClean();
});

test('the waterfall is walked, folded, filtered and zoomed by keyboard', { skip }, async () => {
  await open('/traces');
  await rows().getByRole('link', { name: 'POST /api/chat' }).first().click();
  const grid = page.getByTestId('waterfall');
  await grid.waitFor();
  await grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.waitForURL(/span=\d+2$/);
  const before = await grid.getByRole('row').count();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid=waterfall] [role=row]').length < n, before);
  assert.equal(await grid.locator('[aria-selected=true]').getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('z');
  await page.getByRole('button', { name: 'Whole trace' }).click();
  await page.getByRole('searchbox', { name: 'Find in this trace' }).fill('SELECT');
  await page.getByTestId('trace-count').getByText('1 of 7 match').waitFor();
  const reload = page.url();
  await page.reload();
  await page.getByTestId('span-details').waitFor();
  assert.equal(page.url(), reload);
  assertClean();
});

test('33,000 spans open while they arrive, scroll and fold without a wait', { skip }, async () => {
  const started = Date.now();
  await open(`/traces/${kBigTrace}`);
  const grid = page.getByTestId('waterfall');
  await grid.waitFor();
  const first_ms = Date.now() - started;
  await page.getByTestId('trace-summary').getByText('33\u202f000 in 6 services').waitFor();
  const all_ms = Date.now() - started;
  assert.equal(await grid.getAttribute('aria-rowcount'), String(kBigTraceSpans));
  assert.ok((await grid.getByRole('row').count()) < 100, 'rows out of sight are in the document');
  const scroll_ms = await grid.evaluate(async (element) => {
    const start = performance.now();
    for (let i = 1; i <= 30; i++) {
      element.scrollTop = (element.scrollHeight * i) / 30;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
    return (performance.now() - start) / 30;
  });
  const last = await grid.getByRole('row').last().getAttribute('aria-rowindex');
  assert.equal(last, String(kBigTraceSpans));
  await page.getByRole('button', { name: /show where/ }).click();
  await page.getByTestId('span-error').waitFor();
  const found = Date.now();
  await page.getByRole('searchbox', { name: 'Find in this trace' }).fill('step 32999');
  await page.getByTestId('trace-count').getByText('1 of 33').waitFor();
  const filter_ms = Date.now() - found;
  console.log(`33,000 spans: first rows after ${first_ms} ms, all after ${all_ms} ms, ${scroll_ms.toFixed(0)} ms per jump, filter ${filter_ms} ms`);
  assert.ok(first_ms < 5000 && all_ms < 15_000 && scroll_ms < 300 && filter_ms < 3000, 'too slow even for a loaded machine');
  assertClean();
});

test('hostile text stays text in search, waterfall and details', { skip }, async () => {
  await open('/traces');
  await rows().first().waitFor();
  await page.getByText(kHostileTexts[0]).first().waitFor();
  await assertNoMarkup();
  await open(`/traces/${kHostileTrace}?span=1`);
  await page.getByTestId('span-error').getByText(kHostileTexts[0]).first().waitFor();
  await assertNoMarkup();
  await open(`/traces/${kHostileTrace}?span=2`);
  const llm = page.getByTestId('llm');
  await llm.getByText('⟨hidden text: IGNORE⟩').first().waitFor();
  for (const text of kHostileTexts.slice(0, 3)) await llm.getByText(text).first().waitFor();
  assert.match(await llm.textContent(), /gnp\.exe⟨U\+202C⟩/);
  // A megabyte: its beginning at first, the rest by pressing, and the page stays quick.
  const long = llm.locator('.long-text').filter({ hasText: 'All work and no play' }).first();
  assert.ok((await long.textContent()).length < 10_000);
  for (let shown = 4000; shown < kMegabyte.length; shown += 200_000) await long.getByRole('button', { name: /^Show/ }).click();
  assert.equal((await long.textContent()).length, kMegabyte.length);
  await assertNoMarkup();
  for (const id of ['3', '4', '5']) {
    await open(`/traces/${kHostileTrace}?span=${id}`);
    await page.getByTestId('span-details').waitFor();
  }
  await assertNoMarkup();
  assertClean();
});

test('sessions lead to a conversation with scores, detections and cost', { skip }, async () => {
  await open('/sessions');
  await page.getByTestId('sessions').getByRole('link', { name: 'mallory-77' }).click();
  await page.waitForURL(/\/sessions\?id=mallory-77$/);
  const turns = page.getByTestId('conversation').locator('.turn');
  await turns.first().waitFor();
  assert.ok((await turns.count()) >= 5);
  await turns.first().getByText('Ignore all previous instructions').waitFor();
  await turns.first().getByText('I cannot help with that.').waitFor();
  await turns.first().getByText('Prompt injection 0.94: refused').waitFor();
  await turns.first().getByText('asks to ignore earlier instructions').waitFor();
  assert.match(await page.getByRole('link', { name: 'All its spans' }).getAttribute('href'), /q=%40session_id%3Amallory-77&from=\d+&to=\d+/);
  await page.getByRole('button', { name: /With detections/ }).click();
  await page.waitForURL(/only=detections/);
  await page.getByTestId('activity').getByRole('link', { name: 'mallory@example.com' }).click();
  await page.waitForURL(/\/users\?id=mallory%40example\.com$/);
  await page.getByTestId('sessions').getByRole('link', { name: 'mallory-77' }).waitFor();
  await page.getByRole('navigation').getByText('Users').click();
  await page.getByTestId('users').locator('tbody tr').first().waitFor();
  assertClean();
});

test('sessions are searched, and a wrong search shows where', { skip }, async () => {
  await open('/sessions?q=service%3Achatbot');
  await page.getByTestId('sessions').locator('tbody tr').first().waitFor();
  await page.getByRole('combobox').fill('(');
  await page.getByRole('combobox').press('Enter');
  await page.getByTestId('caret').waitFor();
  await open('/sessions?id=nobody');
  await page.getByRole('alert').getByText('no spans of session_id nobody').waitFor();
  assertClean(/40[04] \(/);
});

test('the service map is drawn, chosen by keyboard, and said in tables', { skip }, async () => {
  await open('/service-map');
  const map = page.getByTestId('service-map');
  const node = map.getByRole('button', { name: /^chatbot/ });
  await node.waitFor();
  assert.match(await node.getAttribute('aria-label'), /1\.4\/s, 4\.6 % failing, p95 2\.9 s/);
  // No name is wider than its box, and what is cut says all of it to who points at it.
  const names = await map.locator('.map-node').evaluateAll((nodes) => nodes.map((one) => ({
    name: one.querySelector('title')?.textContent ?? one.getAttribute('aria-label').split(':')[0], shown: [...one.querySelectorAll('.map-name')].map((text) => text.textContent).join(''),
    over: Math.max(...[...one.querySelectorAll('text')].map((text) => text.getBBox().x + text.getBBox().width)) - one.querySelector('rect').getBBox().width,
  })));
  assert.deepEqual(names.filter(({ over }) => over > 0), []);
  assert.deepEqual(names.filter(({ name }) => /service$/.test(name)).map(({ shown }) => shown).sort(), ['productcatalogservice', 'recommendationservice']);
  assert.ok(names.some(({ name, shown }) => name.endsWith('-and-then-more') && shown.endsWith('…')));
  await node.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/service=chatbot/);
  assert.equal(await page.getByTestId('map-services').locator('tbody tr').count(), 1);
  await page.reload();
  assert.equal(await node.getAttribute('aria-pressed'), 'true');
  await page.getByTestId('map-services').getByRole('link', { name: 'chatbot' }).click();
  await page.waitForURL(/\/traces\?q=service%3Achatbot/);
  assertClean();
});

test('errors unfold to versions, stack and traces', { skip }, async () => {
  await open('/errors');
  await page.getByRole('button', { name: /ResourceExhausted/ }).click();
  await page.waitForURL(/fingerprint=9134872364981/);
  await page.getByText('Came back').first().waitFor();
  await page.getByText('File "/app/chat.py", line 88').waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Newest trace' }).click();
  await page.waitForURL(/\/traces\/[0-9a-f]{32}$/);
  await page.getByTestId('waterfall').waitFor();
  await page.getByRole('button', { name: /show where/ }).click();
  await page.getByTestId('span-details').waitFor();
  assertClean();
});

test('ingestion proves what became of spans, and a gap is red', { skip }, async () => {
  await open('/ingestion');
  const proof = page.getByTestId('proof');
  await proof.getByText('Everything accepted can be queried').waitFor();
  assert.match(await proof.textContent(), /python 4\.10\.6Traces v0\.4.*duplicate 12/);
  fake.world.gap = { spans: 1234, oldest_ms: 95_000 };
  await proof.getByRole('alert').getByText('1\u202f234 spans were accepted and cannot be queried').waitFor();
  assert.equal(await proof.evaluate((e) => getComputedStyle(e).borderColor), 'rgb(255, 128, 121)');
  fake.world.gap = null;
  assertClean();
});

test('hostile text stays text in sessions, users, map, errors and ingestion', { skip }, async () => {
  for (const path of ['/sessions', '/users', '/service-map', '/errors?fingerprint=13', '/ingestion', `/sessions?id=${encodeURIComponent(`../${kHostileTexts[0]}`)}`, `/users?id=${encodeURIComponent(`${kHostileTexts[3]}/..`)}`]) {
    await open(path);
    await page.getByText(/onerror|javascript:|⟨U\+202E⟩/).first().waitFor();
    await assertNoMarkup();
  }
  assertClean();
});

test('an unknown trace and an unknown span say so', { skip }, async () => {
  await open('/traces/123');
  await page.getByRole('alert').getByText('Not found', { exact: true }).waitFor();
  await open(`/traces/${kHostileTrace}?span=424242`);
  await page.getByText('Span 424242 is not in this trace.').waitFor();
  assertClean(/404 \(/);
});

test('a store that is down is said on every page, and a trace that ends early too', { skip }, async () => {
  fake.world.tracesFail = 503;
  for (const path of ['/traces', `/traces/${kHostileTrace}`, '/sessions', '/sessions?id=mallory-77', '/users', '/users?id=user-1', '/service-map', '/errors']) {
    await open(path);
    await page.getByRole('alert').getByText('The server is busy').first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
  }
  fake.world.tracesFail = 0;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('errors').waitFor();
  fake.world.cutTraces = true;
  await open('/traces?q=service%3Acheckout');
  await rows().first().getByRole('link').click();
  await page.getByText(/Only a part arrived/).waitFor();
  assert.ok((await page.getByTestId('waterfall').getByRole('row').count()) >= 5);
  fake.world.cutTraces = false;
  assertClean(/503 \(|net::ERR/);
});

test('an incident leads to the session it names', { skip }, async () => {
  await open('/incidents');
  await page.getByTestId('incidents').getByText('mallory-77').first().click();
  await page.getByTestId('incident-facts').getByRole('link', { name: 'mallory-77' }).click();
  await page.getByTestId('conversation').waitFor();
  assertClean();
});

test('a session is erased with two presses, and the page says what went', { skip }, async () => {
  await open('/sessions?id=u11-287');
  await page.getByTestId('conversation').waitFor();
  await page.getByRole('button', { name: /^Erase this session/ }).click();
  await page.getByRole('button', { name: 'Yes, erase' }).click();
  await page.getByTestId('erased').getByText(/Erased: \d+ rows \(spans \d+, llm_spans \d+\)/).waitFor();
  assert.equal(await page.getByTestId('conversation').count(), 0, 'erased text is still shown');
  await open('/sessions?range=1d');
  await page.getByTestId('sessions').locator('tbody tr').first().waitFor();
  assert.equal(await page.getByTestId('sessions').getByText('u11-287').count(), 0);
  assertClean(/404 \(/);
});

test('on a phone the other pages are behind More', { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('/traces');
  const menu = page.getByRole('navigation', { name: 'Pages' });
  assert.equal(await menu.getByRole('link', { name: 'Errors' }).isVisible(), false);
  await menu.getByRole('button', { name: 'More' }).click();
  await menu.getByRole('link', { name: 'Errors' }).click();
  await page.getByTestId('errors').waitFor();
  assert.equal(await menu.getByRole('link', { name: 'Errors' }).isVisible(), false);
  await page.setViewportSize({ width: 1440, height: 900 });
  assertClean();
});

test('every trace page fits a phone and has one heading and named controls', { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ['/traces', `/traces/${kHostileTrace}?span=2`, '/sessions', '/sessions?id=mallory-77', '/users', '/service-map', '/errors?fingerprint=13', '/ingestion']) {
    await open(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(400);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${path} is ${wide}px too wide`);
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, path);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('button, a, input')].filter(
        (e) => !(e.textContent?.trim() || e.getAttribute('aria-label') || e.getAttribute('placeholder') || e.closest('label')),
      ).length,
    );
    assert.equal(unnamed, 0, `${path} has controls without a name`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  assertClean();
});
