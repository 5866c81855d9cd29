// Signing in, users and keys in Chromium against the fake API. Skipped where there is no Chromium.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { chromiumPath, startBrowser, watch } from './browser.mjs';
import { kPassword } from './fake_access.mjs';
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

const as = (role) => {
  fake.world.access.people = true;
  fake.world.access.person = fake.world.access.users.find((user) => user.role === role);
};

function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text)), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: script from a name ran');
}

test('who is not signed in signs in, is where one wanted to go, and out again', { skip }, async () => {
  fake.world.access.people = true;
  await page.goto(`${fake.url}/monitors?q=injection`);
  const form = page.getByTestId('sign-in-form');
  await form.getByLabel('Name').fill('ana');
  await form.getByLabel('Password').fill('not the password');
  await form.getByRole('button', { name: 'Sign in' }).click();
  await form.getByRole('alert').getByText('wrong').waitFor();
  await form.getByLabel('Password').fill(kPassword);
  await form.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('monitors').waitFor();
  assert.equal(page.url(), `${fake.url}/monitors?q=injection`);
  assert.match(await page.getByTestId('who').textContent(), /ana.*admin/);
  await page.getByTestId('who').getByRole('button', { name: 'Sign out' }).click();
  await page.getByTestId('sign-in-form').waitFor();
  assertClean(/401 \(/);
});

test('a session that ended leads to signing in and back to the same page', { skip }, async () => {
  as('editor');
  await page.goto(`${fake.url}/downtimes`);
  await page.getByTestId('downtimes').waitFor();
  fake.world.access.person = null;
  fake.event('monitors', {});
  await page.reload();
  const form = page.getByTestId('sign-in-form');
  await form.getByLabel('Name').fill('ana');
  await form.getByLabel('Password').fill(kPassword);
  await form.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('downtimes').waitFor();
  assert.equal(new URL(page.url()).pathname, '/downtimes');
  assertClean(/401 \(/);
});

test('too many attempts are said in words', { skip }, async () => {
  fake.world.access.people = true;
  fake.world.access.failures = 3;
  await page.goto(fake.url);
  const form = page.getByTestId('sign-in-form');
  await form.getByLabel('Name').fill('ana');
  await form.getByLabel('Password').fill('guess');
  await form.getByRole('button', { name: 'Sign in' }).click();
  await form.getByRole('alert').getByText('Too many attempts').waitFor();
  assertClean(/429 \(/);
});

test('an admin adds a user and makes a key that is shown once, revokes it, and names of others run no script', { skip }, async () => {
  as('admin');
  await page.goto(`${fake.url}/access`);
  const users = page.getByTestId('users');
  await users.locator('tbody tr').nth(3).waitFor();
  assert.match(await users.textContent(), /bo@example.com/);
  await users.getByRole('button', { name: 'Add a user' }).click();
  await users.getByLabel('Name to sign in with').fill('eve');
  await users.getByRole('button', { name: 'Add', exact: true }).click();
  await users.getByTestId('shown-once').getByText('MadeHere23456789abcd').waitFor();
  await users.getByRole('button', { name: 'I have it' }).click();
  await users.getByLabel('Role of ana').selectOption('viewer');
  await users.getByRole('alert').getByText('last admin').waitFor();
  const keys = page.getByTestId('current_user-application_keys');
  await keys.getByRole('button', { name: 'New key' }).click();
  await keys.getByLabel('What it is for').fill('deploy');
  assert.ok(await keys.getByRole('button', { name: 'Make the key' }).isDisabled(), 'a key that may nothing');
  await keys.getByLabel('monitors_read').check();
  await keys.getByRole('button', { name: 'Make the key' }).click();
  await keys.getByTestId('shown-once').getByText('f'.repeat(40)).waitFor();
  await keys.getByRole('button', { name: 'I have it' }).click();
  const row = keys.locator('tbody tr').filter({ hasText: 'deploy' });
  assert.match(await row.textContent(), /monitors_read/);
  await row.getByRole('button', { name: 'Revoke…' }).click();
  await row.getByRole('button', { name: 'Yes, revoke' }).click();
  await row.waitFor({ state: 'detached' });
  assert.equal(await page.locator('main img, main script').count(), 0);
  assertClean(/400 \(/);
});

test('a viewer sees people but no way to change them, and no keys of others', { skip }, async () => {
  fake.world.access.users[2].disabled = false;
  as('viewer');
  await page.goto(`${fake.url}/access`);
  await page.getByTestId('users').locator('tbody tr').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add a user' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Disable…' }).count(), 0);
  assert.equal(await page.getByTestId('v2-api_keys').count(), 0);
  await page.getByTestId('sessions').getByRole('button', { name: 'End…' }).click();
  await page.getByTestId('sessions').getByRole('button', { name: 'Yes, end it' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=sessions] tbody tr').length === 1);
  await page.goto(`${fake.url}/blocks`);
  await page.getByRole('heading', { name: 'Blocks' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Block somebody…' }).count(), 0);
  assertClean();
});

test('a viewer reads incidents, cases, channels and monitors, and finds no button that would be refused', { skip }, async () => {
  fake.world.access.users[2].disabled = false;
  as('viewer');
  const none = async (names) => {
    for (const name of names) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  };
  await page.goto(`${fake.url}/incidents`);
  await page.getByTestId('incidents').locator('a').first().waitFor();
  await none(['Open one…']);
  await page.getByTestId('incidents').locator('a').first().click();
  await page.getByRole('button', { name: 'Export as Markdown' }).waitFor();
  await page.getByTestId('checklist').waitFor();
  await none(['Resolve', 'Add comment', 'Add']);
  assert.equal(await page.getByTestId('incident-controls').getByRole('combobox').count(), 0);
  await page.goto(`${fake.url}/cases`);
  await page.getByTestId('cases').locator('a').first().click();
  await page.getByTestId('case-facts').waitFor();
  await none(['Make an incident of it…', 'Add comment', 'Archive']);
  assert.equal(await page.getByTestId('case-controls').count(), 0);
  await page.goto(`${fake.url}/notifications`);
  await page.getByTestId('channels').waitFor();
  await none(['Add a channel…', 'Test', 'Change', 'Turn off', 'Delete', 'Send again']);
  await page.goto(`${fake.url}/monitors`);
  await page.getByTestId('monitors').locator('a').first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'New monitor' }).count(), 0);
  await page.getByTestId('monitors').locator('a').first().click();
  await page.getByTestId('groups').waitFor();
  await none(['Delete…', 'Mute…']);
  assert.equal(await page.getByRole('link', { name: 'Change' }).count(), 0);
  assertClean();
});

test('a password is changed by who knows the old one', { skip }, async () => {
  as('editor');
  await page.goto(`${fake.url}/access`);
  await page.getByRole('button', { name: 'Change password' }).click();
  const form = page.getByTestId('password-form');
  await form.getByLabel('Password now').fill(kPassword);
  await form.getByLabel('New one').fill('another good one');
  await form.getByLabel('Again').fill('another good two');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByRole('alert').getByText('differ').waitFor();
  await form.getByLabel('Again').fill('another good one');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.waitFor({ state: 'detached' });
  assertClean();
});
