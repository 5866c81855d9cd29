// The page of notification settings in Chromium against the fake API. Skipped where there is no Chromium.
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
  fake = await startFakeApi({ groups: 10 });
  page = await browser.context.newPage();
  seen = watch(page, fake.url);
  await page.goto(`${fake.url}/notifications`);
  await page.getByTestId('channels').waitFor();
});

const rows = (table) => page.getByTestId(table).locator('tbody tr');

function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from a channel ran');
}

test('channels say where they go and how they do; the log says what was sent; hostile text stays text', { skip }, async () => {
  assert.equal(await rows('channels').count(), 3);
  assert.match(await rows('channels').nth(0).textContent(), /@slack-ops.*Works/s);
  assert.match(await rows('channels').nth(1).textContent(), /@mail-team.*ops@example\.com.*Paused/s);
  assert.match(await rows('channels').nth(2).textContent(), /@webhook-pager.*Off/s);
  await rows('deliveries').nth(2).waitFor();
  assert.match(await rows('deliveries').nth(1).textContent(), /Owed.*answered 503/s);
  await rows('deliveries').nth(0).getByRole('button', { name: 'Attempts' }).click();
  await page.getByText('7 ms').waitFor();
  assert.match(await rows('deliveries').nth(0).textContent(), /<b>no<\/b>/);
  assert.equal(await page.locator('main img, main script, main b').count(), 0);
  assertClean();
});

test('a channel is added; its secret is sent once and not shown; a refusal says why', { skip }, async () => {
  await page.getByRole('button', { name: 'Add a channel…' }).click();
  const form = page.getByTestId('channel-form');
  await form.getByLabel('Name').fill('taken');
  await form.getByLabel('Webhook address').fill('https://hooks.example.com/s/e/c');
  assert.equal(await form.getByLabel('Webhook address').getAttribute('type'), 'password');
  await form.getByRole('button', { name: 'Add it' }).click();
  await form.getByText('already').waitFor();
  await form.getByLabel('Name').fill('night');
  await form.getByRole('button', { name: 'Add it' }).click();
  await rows('channels').filter({ hasText: '@slack-night' }).waitFor();
  assert.deepEqual(fake.world.notifications.asked.at(-1).body, { kind: 'slack', name: 'night', settings: {}, secrets: { url: 'https://hooks.example.com/s/e/c' } });
  assert.doesNotMatch(await page.locator('main').innerHTML(), /hooks\.example\.com\/s/);
  assertClean(/409/);
});

test('a channel is changed without its secret, tested, and a message sent again', { skip }, async () => {
  const mail = rows('channels').filter({ hasText: '@mail-team' });
  await mail.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('To', { exact: true }).fill('a@example.com b@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByTestId('channel-form').waitFor({ state: 'detached' });
  const sent = fake.world.notifications.asked.at(-1).body;
  assert.deepEqual(sent.settings.to, ['a@example.com', 'b@example.com']);
  assert.equal(sent.secrets, undefined);

  const slack = rows('channels').filter({ hasText: '@slack-ops' });
  await slack.getByRole('button', { name: 'Test' }).click();
  await slack.getByRole('button', { name: 'Yes, send it' }).click();
  assert.match(await page.getByTestId('test-result').textContent(), /Not taken after 12 ms: answered 404: no_service/);

  await page.getByLabel('State').selectOption('failed');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=deliveries] tbody tr').length === 1);
  await rows('deliveries').first().getByRole('button', { name: 'Send again' }).click();
  await rows('deliveries').first().getByRole('button', { name: 'Yes, send it' }).click();
  await page.getByText('Nothing was sent yet').waitFor();
  assertClean();
});
