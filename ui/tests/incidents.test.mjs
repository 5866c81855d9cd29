// Incidents and cases in Chromium against the fake API. Skipped where there is no Chromium.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { chromiumPath, startBrowser, watch } from './browser.mjs';
import { startFakeApi } from './fake_api.mjs';

const skip = chromiumPath() === null ? 'no Chromium on this machine (set CHROMIUM)' : false;
const kHostile = '<img src=x onerror="window.hacked=1">';

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

async function assertClean() {
  assert.deepEqual(seen.errors, [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from an incident ran');
  assert.equal(await page.locator('main img, main script').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
}

async function openFirst() {
  await open('/incidents');
  await page.getByTestId('incidents').locator('a').first().click();
  await page.getByTestId('incident-controls').waitFor();
}

test('severity, commander and state of an incident are set, and the timeline tells', { skip }, async () => {
  await openFirst();
  const controls = page.getByTestId('incident-controls');
  await controls.getByLabel('Severity').selectOption('SEV-4');
  await page.getByTestId('incident-facts').getByText('SEV-4').waitFor();
  await controls.getByLabel('Commander').selectOption('ana');
  await page.getByTestId('incident-facts').getByText('ana').waitFor();
  await controls.getByLabel('State').selectOption('stable');
  await page.getByTestId('timeline').getByText('state stable').waitFor();
  await assertClean();
});

test('a comment is written with a name, and is text', { skip }, async () => {
  await openFirst();
  const form = page.getByTestId('comment-form');
  await form.getByLabel('Comment').fill(`It was ${kHostile}`);
  await form.getByLabel('Your name').fill('eve');
  await form.getByRole('button', { name: 'Add comment' }).click();
  await page.getByTestId('timeline').getByText(`It was ${kHostile}`).waitFor();
  await page.getByTestId('timeline').getByText('comment by eve').waitFor();
  assert.equal(await form.getByLabel('Comment').inputValue(), '');
  await assertClean();
});

test('the checklist is ticked with the keyboard and grows', { skip }, async () => {
  await openFirst();
  const list = page.getByTestId('checklist');
  const first = list.getByRole('checkbox').first();
  await first.focus();
  await page.keyboard.press('Space');
  await page.getByText('1 of 2 done').waitFor();
  await page.getByLabel('New item').fill('Tell the shop');
  await page.keyboard.press('Enter');
  await page.getByText('1 of 3 done').waitFor();
  await list.getByText(kHostile).waitFor();
  await assertClean();
});

test('evidence leads to traces, prompts stay text, the export is a file', { skip }, async () => {
  await openFirst();
  const evidence = page.getByTestId('found-evidence');
  await evidence.getByText(kHostile).waitFor();
  assert.match(await evidence.getByRole('link', { name: 'chat' }).getAttribute('href'), /^\/traces\/0123456789abcdef/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as Markdown' }).click()]);
  assert.match(download.suggestedFilename(), /^incident-\d+\.md$/);
  await assertClean();
});

test('incidents are narrowed by severity and words, and one is opened by hand', { skip }, async () => {
  await open('/incidents');
  await page.getByTestId('incidents').waitFor();
  await page.getByLabel('Severity').selectOption('SEV-5');
  await page.getByText('No incident fits').waitFor();
  await page.getByLabel('Severity').selectOption('');
  await page.getByRole('button', { name: 'Open one…' }).click();
  const form = page.getByTestId('open-incident');
  await form.getByLabel('What is wrong').fill('The checkout is slow');
  await form.getByRole('button', { name: 'Open the incident' }).click();
  await page.getByRole('heading', { name: 'The checkout is slow' }).waitFor();
  await open('/incidents?q=checkout');
  await page.getByTestId('incidents').getByText('The checkout is slow').waitFor();
  assert.equal(await page.getByTestId('incidents').locator('li').count(), 1);
  await assertClean();
});

test('a case is read, changed, commented and becomes an incident', { skip }, async () => {
  await open('/cases');
  await page.getByTestId('cases').getByText(kHostile).first().click();
  const controls = page.getByTestId('case-controls');
  await controls.getByLabel('Status').selectOption('IN_PROGRESS');
  await page.getByTestId('case-facts').getByText('In progress').waitFor();
  await controls.getByLabel('Who has it').selectOption('bo@example.com');
  await page.getByTestId('case-facts').getByText('bo@example.com').waitFor();
  assert.equal(await controls.getByLabel('Who has it').locator('option', { hasText: 'cy' }).count(), 0, 'who is disabled gets no work');
  await page.getByTestId('comment-form').getByLabel('Comment').fill('Seen before.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.getByTestId('timeline').getByText('Seen before.').waitFor();
  await page.getByText('Longest conversations').waitFor();
  await page.getByRole('button', { name: 'Make an incident of it…' }).click();
  await page.getByRole('button', { name: 'Yes, open it' }).click();
  await page.waitForURL(/\/incidents\//);
  await page.getByTestId('incident-controls').waitFor();
  await assertClean();
});

test('cases are narrowed, archived and made', { skip }, async () => {
  await open('/cases');
  assert.equal(await page.getByTestId('cases').locator('li').count().then(async (n) => n || (await page.getByTestId('cases').waitFor(), page.getByTestId('cases').locator('li').count())), 3);
  await page.getByLabel('Status').selectOption('IN_PROGRESS');
  await page.getByTestId('cases').getByText('Interactions per conversion').click();
  await page.getByRole('button', { name: 'Archive' }).click();
  await page.getByTestId('case-facts').getByText('Archived').waitFor();
  await open('/cases?archived=true');
  await page.getByTestId('cases').getByText('Interactions per conversion').waitFor();
  await open('/cases');
  await page.getByRole('button', { name: 'Open one…' }).click();
  await page.getByTestId('open-case').getByLabel('What should be looked at').fill('Dear prompts');
  await page.getByTestId('open-case').getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('heading', { name: 'Dear prompts' }).waitFor();
  await assertClean();
});

test('incident, incidents, case and cases fit a phone', { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('/incidents');
  await page.getByTestId('incidents').waitFor();
  const first = await page.getByTestId('incidents').locator('a').first().getAttribute('href');
  for (const path of ['/incidents', first, '/cases', '/cases/CASE-3']) {
    await open(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.incident-strip, [data-testid="cases"], [data-testid="incidents"]').first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} pixels wide`);
  }
  await assertClean();
});
