// Downtimes and mutes in Chromium against the fake API. Skipped where there is no Chromium.
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
});

const open = (path) => page.goto(fake.url + path);
const rows = () => page.getByTestId('downtimes').locator('tbody tr');

function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from a downtime ran');
}

test('downtimes say for what, when and why; what is on comes first; one is canceled with two presses', { skip }, async () => {
  await open('/downtimes');
  await rows().first().waitFor();
  assert.equal(await rows().count(), 3);
  assert.match(await rows().first().textContent(), /Prompt injection.*env:prod.*On now.*every week on Tuesday, for 1h.*weekly rollout/s);
  assert.match(await rows().filter({ hasText: 'team:shop' }).textContent(), /team:shop and rule:2.*all.*Planned.*until canceled/s);
  assert.equal(await page.locator('main img, main script').count(), 0);
  await rows().first().getByRole('button', { name: 'Cancel it' }).click();
  await rows().first().getByRole('button', { name: 'Yes, cancel it' }).click();
  await page.getByText('weekly rollout').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Over', exact: true }).click();
  await page.getByText('Canceled').waitFor();
  assertClean();
});

test('a downtime is planned, now or again and again; what the server refuses is said', { skip }, async () => {
  await open('/downtimes');
  await page.getByRole('button', { name: 'Plan a downtime' }).click();
  const form = page.getByTestId('downtime-form');
  await form.getByLabel('Groups').fill('env:');
  await form.getByRole('button', { name: 'Begin now' }).click();
  await page.getByRole('alert').getByText('expected a value after').waitFor();
  await form.getByLabel('Monitors').fill('4102');
  await form.getByLabel('Groups').fill('env:prod');
  await form.getByLabel('Why').fill('moving house');
  await form.getByLabel('Lasts').selectOption({ label: '4 hours' });
  await form.getByRole('button', { name: 'Begin now' }).click();
  await rows().getByText('moving house').waitFor();
  const made = fake.world.downtimeBody;
  assert.deepEqual(made.monitor_identifier, { monitor_id: 4102 });
  assert.ok(Math.abs(Date.parse(made.schedule.end) / 1000 - Date.now() / 1000 - 14_400) < 60);
  await form.getByLabel('Monitors').fill('team:shop, rule:2');
  await form.getByLabel('How often').selectOption({ label: 'every weekday' });
  await form.getByLabel('Begins').fill('2026-12-01T03:00');
  await form.getByRole('button', { name: 'Plan it' }).click();
  await rows().getByText('every week on Monday, Tuesday').waitFor();
  assert.deepEqual(fake.world.downtimeBody.monitor_identifier, { monitor_tags: ['team:shop', 'rule:2'] });
  assert.deepEqual(fake.world.downtimeBody.schedule.recurrences, [{ rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', duration: '240m', start: '2026-12-01T03:00' }]);
  assertClean(/400 \(/);
});

test('a monitor is muted and unmuted, and says so while it lasts', { skip }, async () => {
  await open('/monitors/4101');
  await page.getByRole('button', { name: 'Mute…' }).click();
  await page.getByLabel('Nobody is told for').selectOption({ label: '4 hours' });
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByTestId('muted').getByText('Nobody is told').waitFor();
  assert.match(await page.getByTestId('muted').textContent(), /Everything is muted, ends in (3 h 59 min|4 h)/);
  await page.getByRole('button', { name: 'Unmute' }).click();
  await page.getByRole('button', { name: 'Yes, unmute' }).click();
  await page.getByRole('button', { name: 'Mute…' }).waitFor();
  assertClean();
});

test('the page fits a phone', { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('/downtimes');
  await rows().first().waitFor();
  await page.getByRole('button', { name: 'Plan a downtime' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0);
  assertClean();
});
