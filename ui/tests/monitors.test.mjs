// Writing, reading and deleting monitors, and the system page, in Chromium against the fake API. Skipped where there is no
// Chromium.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { chromiumPath, startBrowser, watch } from './browser.mjs';
import { startFakeApi } from './fake_api.mjs';

const skip = chromiumPath() === null ? 'no Chromium on this machine (set CHROMIUM)' : false;

let fake = null;
let browser = null;
let page = null;
let seen = null;

before(async () => {
  if (!skip) browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await fake?.stop();
});
beforeEach(async () => {
  if (skip) return;
  await page?.close();
  await fake?.stop();
  fake = await startFakeApi({ groups: 60 });
  page = await browser.context.newPage();
  seen = watch(page, fake.url);
});

const open = (path) => page.goto(fake.url + path);
const form = () => page.getByTestId('monitor-form');
const preview = () => page.getByTestId('message-preview');

async function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from telemetry ran');
  assert.equal(await page.locator('main img, main script').count(), 0, 'text became markup');
}
const kRefused = /400 \(|409 \(/; // the browser's own line about an answer that a test provokes

test('a monitor is written by keyboard alone: query completed, chart drawn, message rendered, created', { skip }, async () => {
  await open('/monitors');
  await page.getByRole('link', { name: 'New monitor' }).focus();
  await page.keyboard.press('Enter');
  await form().waitFor();
  assert.equal(await page.getByText('expected').count(), 0, 'an empty form is not scolded');
  await page.getByRole('combobox', { name: 'Metric query' }).focus();
  // Half a name is judged wrong; whoever stopped to think writes on where they were.
  await page.keyboard.type('llm.');
  await page.locator('input[aria-label="Metric query"][aria-invalid="true"]').waitFor();
  await page.keyboard.type('sec');
  assert.equal(await page.getByRole('combobox', { name: 'Metric query' }).inputValue(), 'llm.sec');
  await page.getByRole('option', { name: 'llm.security.injection_attempt_score' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.getByRole('combobox', { name: 'Metric query' }).inputValue(), 'avg:llm.security.injection_attempt_score{*}');
  const by = page.getByLabel('Grouped by');
  await by.focus();
  await page.keyboard.type('session_id');
  await page.keyboard.press('Enter');
  await page.getByLabel('Alert at').fill('0.7');
  await page.getByTestId('chart').getByTestId('legend').waitFor();
  await page.getByTestId('chart').locator('.sentence').filter({ hasText: /avg over the last 5 min is > 0.7 for any session_id/ }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Injection <b>');
  const message = page.getByLabel('Message', { exact: true });
  await message.fill('{{#is_alert}}{{session_id.name}} at {{value}}{{/is_alert}} ');
  await message.focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('@web');
  await page.getByRole('listbox', { name: 'Handles' }).waitFor();
  await page.keyboard.press('Enter');
  assert.match(await message.inputValue(), /@webhook-ops$/);
  await preview().getByText('[Triggered on {session_id:example}] Injection <b>').waitFor();
  await preview().getByText('example at 0.84').waitFor();
  await preview().locator('.told').getByText('webhook-ops').waitFor();
  await preview().getByLabel('What is said for').selectOption({ label: 'a recovery' });
  await preview().getByText('[Recovered').waitFor();
  await page.getByText('Nothing is wrong with it.').waitFor();
  await page.getByRole('button', { name: 'Create' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/monitors\/42\d\d$/);
  assert.equal(fake.world.sent.query, 'avg(last_5m):avg:llm.security.injection_attempt_score{*} by {session_id} > 0.7');
  assert.deepEqual(fake.world.sent.options.thresholds, { critical: 0.7 });
  await page.getByRole('heading', { name: 'Injection <b>' }).waitFor();
  await assertClean(kRefused);
});

test('what is wrong is said at its field, and saving leads there', { skip }, async () => {
  await open('/monitors/4101/edit');
  const warn = page.getByLabel('Warn at');
  await warn.fill('0.7');
  await page.locator('.field').filter({ hasText: 'Warn at' }).getByRole('alert').getByText('equals the critical threshold').waitFor();
  assert.equal(await warn.getAttribute('aria-invalid'), 'true');
  await warn.fill('0.5');
  await page.getByRole('combobox', { name: 'Metric query' }).fill('max:llm');
  await page.getByTestId('caret').waitFor();
  await page.getByRole('combobox', { name: 'Metric query' }).fill('max:llm.cost.usd{*} by {service}');
  await page.getByTestId('caret').waitFor({ state: 'detached' });
  const message = page.getByLabel('Message', { exact: true });
  await message.fill('{{#is_alert}}never closed @nobody-here');
  await page.locator('.field').filter({ hasText: 'names whom to tell' }).getByRole('alert').getByText('is not closed').waitFor();
  await message.fill('@nobody-here');
  await preview().locator('.told .problem').getByText('not configured').waitFor();
  await page.getByText('Silence, delays, telling again').click();
  await page.getByLabel('Every', { exact: true }).fill('often');
  await page.locator('.field').filter({ hasText: 'while it lasts' }).getByRole('alert').getByText('expected a number').waitFor();
  await page.getByLabel('Every', { exact: true }).fill('');
  await page.getByText('Nothing is wrong with it.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/monitors\/4101$/);
  assert.equal(fake.world.sent.options.renotify_interval, null, 'what was emptied is taken away');
  assert.equal(fake.world.sent.options.on_missing_data, 'resolve');
  await assertClean(kRefused);
});

test('a trial over history goes on in pieces and shows when each group would have triggered', { skip }, async () => {
  await open('/monitors/4101/edit');
  const trial = page.getByTestId('trial');
  await trial.getByRole('button', { name: 'Try it' }).click();
  await trial.getByText(/It would have alerted 1 time, for 1 of 3 groups, 1\d min/).waitFor();
  await trial.getByText('200 evaluations').waitFor();
  assert.equal(await trial.locator('.band').count(), 1);
  await trial.getByText('2 changes in words').click();
  assert.equal(await trial.getByTestId('transitions').locator('tbody tr').count(), 2);
  await assertClean();
});

test('the JSON view and the fields are the same monitor; a copy is a new one; other kinds keep their query', { skip }, async () => {
  await open('/monitors/new?from=4104');
  await page.getByRole('button', { name: 'JSON' }).click();
  const text = form().locator('textarea');
  const shown = JSON.parse(await text.inputValue());
  assert.equal(shown.name, 'Response quality (copy)');
  assert.equal(shown.id, undefined);
  await text.fill('{"type": ');
  await form().getByRole('alert').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Fields' }).isDisabled());
  await text.fill(JSON.stringify({ ...shown, type: 'composite', query: '1 && 2', name: 'Both', options: {} }));
  await page.getByRole('button', { name: 'Fields' }).click();
  assert.ok(await page.getByLabel('Composite').isChecked());
  assert.equal(await page.getByLabel('Query', { exact: true }).inputValue(), '1 && 2');
  await page.getByText('Nothing is wrong with it.').waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/\/monitors\/42\d\d$/);
  assert.equal(fake.world.sent.type, 'composite');
  assert.equal(fake.world.sent.query, '1 && 2');
  await assertClean(kRefused);
});

test('a monitor is deleted with two presses; one in use says by whom', { skip }, async () => {
  fake.world.inUse = 4102;
  await open('/monitors/4102');
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await page.getByText('part of the composite monitor 9').waitFor();
  await open('/monitors/4103');
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await page.waitForURL(/\/monitors$/);
  await page.getByTestId('monitors').waitFor();
  assert.equal(await page.getByText('Hallucinated products').count(), 0);
  await assertClean(kRefused);
});

test('history, groups and changes of a monitor; a hundred thousand groups are a page of twenty', { skip }, async () => {
  fake.world.manyGroups = 100_000;
  fake.world.leftOut = 12;
  await open('/monitors/4101');
  await page.getByTestId('bands').locator('li').first().waitFor();
  assert.equal(await page.getByTestId('bands').locator('li').count(), 12);
  assert.match(await page.getByTestId('bands').locator('.band').first().getAttribute('aria-label'), /session_id:mallory-77: in trouble for/);
  await page.getByTestId('groups').locator('tbody tr').first().waitFor();
  assert.equal(await page.getByTestId('groups').locator('tbody tr').count(), 20);
  assert.ok((await page.locator('*').count()) < 2500, 'elements on the page');
  await page.getByText('12 more groups are beyond the limit').waitFor();
  await page.getByLabel('Filter groups').fill('mallory');
  await page.getByTestId('groups').locator('tbody tr').nth(1).waitFor({ state: 'detached' });
  assert.match(await page.getByTestId('groups').textContent(), /mallory-77/);
  await page.getByText('Who changed it').click();
  await page.getByTestId('changes').getByText('changed it').waitFor();
  assert.match(await page.getByTestId('changes').textContent(), /Old.*<img/s);
  await page.getByText('changes in words').click();
  await page.getByTestId('transitions').getByText('@webhook-gone: not known here').waitFor();
  await assertClean();
});

test('the system page says what is wrong and why, and never a secret', { skip }, async () => {
  fake.world.storeDown = true;
  await open('/system');
  const parts = page.getByTestId('parts').locator('li');
  await parts.first().waitFor();
  assert.match(await parts.first().textContent(), /Degraded\s*Store\s*<img/);
  await page.getByText('free space or lower retention-days').waitFor();
  await page.getByText('the engine does not answer').waitFor();
  assert.equal(await page.getByTestId('settings').locator('tbody tr').count(), 3);
  assert.match(await page.getByTestId('settings').textContent(), /••••/);
  await page.getByRole('button', { name: /^All/ }).click();
  assert.equal(await page.getByTestId('settings').locator('tbody tr').count(), 4);
  await page.getByText('All figures').click();
  assert.equal(await page.getByTestId('figures').locator('tbody tr').count(), 30);
  await page.getByLabel('Filter figures').fill('monitor.');
  assert.equal(await page.getByTestId('figures').locator('tbody tr').count(), 2);
  fake.world.storeDown = false;
  await page.getByTestId('tables').getByText('points').waitFor({ timeout: 20_000 });
  await page.getByText('Healthy').first().waitFor();
  await assertClean();
});

test('on a phone nothing is wider than the screen', { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  for (const [path, ready] of [['/monitors/4101/edit', () => preview().locator('.told')], ['/monitors/4101', () => page.getByTestId('groups')], ['/system', () => page.getByTestId('tables')], ['/monitors/new', () => form()]]) {
    await open(path);
    await ready().waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
  }
  await assertClean();
});
