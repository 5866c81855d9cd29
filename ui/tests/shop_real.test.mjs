// V-Commerce in a browser, with all its services beside a real Godseye: somebody shops in another currency, gets the mail
// and follows the parcel; then Godseye is asked what it saw of that. Skipped where there is no Chromium or no built
// programs (build/release/bin, or $GODSEYE_BINARY and $VCOMMERCE_BINARY).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { kBinary, pollUntil, Server } from '../../tests/harness/server.mjs';
import { Shop } from '../../tests/harness/shop.mjs';
import { storeRows } from '../../tests/harness/spans.mjs';
import { chromiumPath, startBrowser, watch } from './browser.mjs';

const shopBinary = process.env.VCOMMERCE_BINARY ?? join(dirname(kBinary), 'vcommerce');
const missing = [kBinary, shopBinary].find((path) => !existsSync(path));
const skip = chromiumPath() === null ? 'no Chromium on this machine (set CHROMIUM)' : missing === undefined ? false : `${missing} is not built: ./test release`;
// What an order goes through; recommendations and advertisements are on the pages before it.
const kOrderServices = ['cartservice', 'checkoutservice', 'currencyservice', 'emailservice', 'frontend', 'paymentgateway', 'paymentservice', 'productcatalogservice', 'shippingservice'];
const kHostile = '<script>alert("shop")</script><img src=x onerror=alert(1)>';
const kPhone = { width: 360, height: 740 };
const kDesktop = { width: 1280, height: 800 };

let server = null;
let shop = null;
let url = '';
let browser = null;
let page = null;
let seen = null;
const data = mkdtempSync(join(tmpdir(), 'godseye-shop-'));

before(async () => {
  if (skip) return;
  server = await Server.start({ traceAgent: true });
  shop = await Shop.start({ server, env: { VCOMMERCE_DATA_DIR: data, GODSEYE_URL: server.url, DD_API_KEY: server.keys.apiKey, DD_APP_KEY: server.keys.appKey } });
  url = await pollUntil('the shop is open', () => shop.logs().find((line) => line.message === 'the shop is open')?.url);
  browser = await startBrowser({ colorScheme: 'light', viewport: kDesktop });
  page = await browser.context.newPage();
  seen = watch(page, url);
});

after(async () => {
  await browser?.stop();
  await shop?.stop();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

const open = (path) => page.goto(url + path);
const cookie = async (name) => (await browser.context.cookies()).find((one) => one.name === name)?.value;
const total = () => page.locator('.summary .total span').last().textContent();

// A test looks at more pages in a minute than a person, and than the shop takes reports of: 429.
function assertClean(expected = /$^/) {
  assert.deepEqual(seen.errors.filter((text) => !expected.test(text) && !text.includes(' 429 ')), [], 'console errors');
  assert.deepEqual(seen.foreign, [], 'requests to another host');
  assert.deepEqual(seen.dialogs, [], 'dialogs: somebody else\'s script ran');
  seen.errors.length = 0;
}

// Nothing wider than the window, every picture described or decoration, every field labelled, one main heading and no level
// left out below it, no text fainter than 4.5 to 1 (3 to 1 when large) against its ground, no border of a field fainter
// than 3 to 1.
async function assertReadable(what) {
  const found = await page.evaluate(() => ({
    tooWide: document.documentElement.scrollWidth - window.innerWidth,
    skipped: [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1])).filter((level, at, all) => level > (all[at - 1] ?? 0) + 1),
    faint: (() => {
      const parts = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
      const light = (text) => parts(text).slice(0, 3).map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
      const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
      // Null: a gradient, which this does not judge.
      const ground = (one) => {
        for (let at = one; at; at = at.parentElement) {
          const { backgroundImage, backgroundColor } = getComputedStyle(at);
          if (backgroundImage !== 'none') return null;
          if ((parts(backgroundColor)[3] ?? 1) === 1) return backgroundColor;
        }
        return 'rgb(255, 255, 255)';
      };
      const seen = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().width > 2);
      const texts = seen.filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '')).filter((one) => {
        const { color, fontSize, fontWeight } = getComputedStyle(one);
        const large = Number.parseFloat(fontSize) >= 24 || (Number.parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
        return ground(one) !== null && ratio(color, ground(one)) < (large ? 3 : 4.5);
      });
      const fields = seen.filter((one) => one.matches('input:not([type=radio]), select, textarea')).filter((one) => {
        const around = ground(one.parentElement);
        return around !== null && ratio(getComputedStyle(one).borderTopColor, around) < 3;
      });
      return [...texts, ...fields].map((one) => `${one.tagName} ${(one.textContent || one.name).trim().slice(0, 30)}`);
    })(),
    bare: [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter((field) => field.labels.length === 0).map((field) => field.name),
    pictures: [...document.querySelectorAll('img:not([alt])')].length,
    headings: document.querySelectorAll('h1').length,
    twice: [...document.querySelectorAll('[id]')].map((one) => one.id).filter((id, at, all) => all.indexOf(id) !== at),
  }));
  assert.ok(found.tooWide <= 0, `${what} is ${found.tooWide} px too wide`);
  assert.deepEqual({ ...found, tooWide: 0 }, { tooWide: 0, skipped: [], faint: [], bare: [], pictures: 0, headings: 1, twice: [] }, what);
}

async function fillIn({ name = 'Jane <b>Doe</b>', country = 'DE' } = {}) {
  await page.getByLabel('Full name').fill(name);
  await page.getByLabel('E-mail').fill('jane@example.com');
  await page.getByLabel('Street and number').fill('Main St 1');
  await page.getByLabel('Postal code').fill('10115');
  await page.getByLabel('City').fill('Berlin');
  await page.getByLabel('Country').selectOption(country);
  await page.getByLabel('Number', { exact: true }).fill('4242 4242 4242 4242');
  await page.getByLabel('Valid to').fill('12/39');
  await page.getByLabel('Check number (CVC)').fill('123');
}

const order = { id: '', trace: '', session: '', user: '' };

test('somebody signs in, chooses yen, and buys a lamp by express', { skip }, async () => {
  await open('/');
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByLabel('Name').fill('Jane <b>Doe</b>');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  // The choice sends its form by itself.
  await page.getByLabel('Currency').selectOption('JPY');
  await page.waitForFunction(() => document.querySelector('#currency')?.value === 'JPY' && document.readyState === 'complete');
  await page.getByRole('searchbox').fill('table lamp');
  await page.getByRole('searchbox').press('Enter');
  await page.locator('.tiles a').first().click();
  const price = await page.locator('.facts > .price').textContent();
  assert.match(price, /^¥[\d,]+$/);
  await page.getByLabel('Quantity').fill('2');
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByRole('link', { name: 'To checkout' }).click();
  const standard = await total();
  await fillIn();
  await page.getByLabel(/^Express/).check();
  await page.waitForFunction((before) => document.querySelector('.summary .total span:last-child').textContent !== before, standard);
  const express = await total();
  const yen = (text) => Number(text.replace(/[¥,]/g, ''));
  assert.ok(yen(express) > yen(standard), `${standard}, then ${express}`);
  await assertReadable('/checkout');
  await page.getByRole('button', { name: 'Buy now' }).dblclick();
  await page.getByRole('heading', { name: 'Thank you, your order is confirmed' }).waitFor();
  assert.equal(await total(), express, 'what was shown is what is charged');
  await page.getByText('Jane <b>Doe</b>').first().waitFor();
  Object.assign(order, { id: new URL(page.url()).pathname.split('/').pop(), session: await cookie('session_id'), user: (await cookie('account')).split(':')[0], total: express });
  await assertReadable('/order');
  // Back is not the checkout of what was bought.
  await page.goBack();
  await page.getByText('It is empty, and patient.').waitFor();
  await page.goForward();
  assertClean();
});

test('the mail is in the mailbox, and the parcel can be followed', { skip }, async () => {
  const mailbox = join(data, 'mailbox');
  const mail = await pollUntil('the mail', () => existsSync(mailbox) && readdirSync(mailbox).filter((name) => name.endsWith('.eml')).map((name) => readFileSync(join(mailbox, name), 'utf8')).find((text) => text.includes(order.id)), { everyMilliseconds: 50 });
  const head = mail.slice(0, mail.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  assert.match(head, /^To: .*<jane@example\.com>$/m);
  assert.match(head, /^Content-Type: multipart\/alternative;/m);
  assert.match(mail, new RegExp(`Total: ${order.total.replace(/[¥,]/g, '')} JPY`), 'the total that was shown');
  const parcel = page.getByRole('link', { name: /^VC\d{12}$/ });
  await pollUntil('the parcel has a number', async () => (await parcel.count()) > 0 || (await page.reload(), false), { everyMilliseconds: 200 });
  await parcel.first().click();
  await page.getByRole('heading', { name: 'Where your parcel is' }).waitFor();
  await page.getByText(/announced|picked up/).first().waitFor();
  await assertReadable('/track');
  await open('/account');
  await page.getByText(order.id).waitFor();
  assert.equal(await page.locator('.summary li').count(), 1, 'pressing twice bought once');
  assertClean();
});

test('one trace spans all services that the order went through, with session and user on every span', { skip }, async () => {
  const inTrace = `(trace_id_high, trace_id_low) IN (SELECT trace_id_high, trace_id_low FROM godseye.spans WHERE service = 'frontend' AND resource = 'POST /checkout' AND session_id = '${order.session}')`;
  const rows = await pollUntil('the trace has all services', async () => {
    const all = await storeRows(server, `SELECT service, name, resource, session_id, user_id, lower(hex(trace_id_high)) AS high, lower(hex(trace_id_low)) AS low FROM godseye.spans WHERE ${inTrace}`);
    return kOrderServices.every((name) => all.some(({ service }) => service === name)) && all;
  });
  assert.equal(new Set(rows.map(({ high, low }) => high + low)).size, 1, 'one trace');
  order.trace = (rows[0].high + rows[0].low).padStart(32, '0');
  for (const span of rows) assert.deepEqual([span.session_id, span.user_id], [order.session, order.user], `${span.service} ${span.name} ${span.resource}`);
});

test('so has every log line of it, and every metric', { skip }, async () => {
  const lines = shop.logs().filter((line) => line.trace_id === order.trace);
  assert.ok(lines.some(({ service, message }) => service === 'frontend' && message === 'an order was placed'), JSON.stringify(lines));
  for (const line of lines) assert.deepEqual([line.session_id, line.user_id], [order.session, order.user], JSON.stringify(line));
  for (const [metric, services] of [['grpc.server.request.count', kOrderServices.filter((name) => name !== 'frontend')], ['frontend.request.count', ['frontend']]]) {
    const query = `sum:${metric}{session_id:${order.session},user_id:${order.user}} by {service}.as_count()`;
    await pollUntil(`${metric} of all services`, async () => {
      const found = (await server.query(query)).map(({ scope }) => scope.match(/service:([^,]+)/)?.[1]);
      return services.every((name) => found.includes(name));
    });
  }
});

test('what the browser did is in Godseye: page views, the cart, the purchase, how fast its pages were', { skip }, async () => {
  const events = await pollUntil('the events', async () => {
    const answer = await server.call('GET', '/api/v2/events', { query: { 'filter[query]': `source:product_analytics session_id:${order.session}`, 'filter[from]': 'now-1h', 'page[limit]': '100' } });
    const text = JSON.stringify(answer);
    const absent = ['page_view', 'product_view', 'add_to_cart', 'checkout_started', 'order_completed'].filter((name) => !text.includes(name));
    if (absent.length > 0) throw new Error(`of ${answer.data.length} events none is ${absent}`);
    return answer;
  });
  assert.ok(events.data.length >= 5);
  await pollUntil('page times of the browser', async () => (await server.total(`count:frontend.browser.load_time{session_id:${order.session}}.as_count()`)) > 0);
  await pollUntil('the advertisements it saw', async () => (await server.total(`sum:ad.impression.count{session_id:${order.session}}.as_count()`)) > 0);
  await pollUntil('the conversion', async () => (await server.total('sum:product_analytics.conversion{*} by {name}.as_count()')) > 0);
});

test('an order of twenty lines, on a phone', { skip }, async () => {
  await page.setViewportSize(kPhone);
  await open('/');
  await assertReadable('/ on a phone');
  const added = await page.evaluate(async () => {
    const { products } = await (await fetch('/api/products?stock=1')).json();
    const lines = products.flatMap(({ id, sizes }) => sizes.filter(({ available }) => available > 1).slice(0, 1).map(({ size }) => ({ product_id: id, size, quantity: 1 }))).slice(0, 20);
    for (const line of lines) await fetch('/api/cart/items', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(line) });
    return lines.length;
  });
  assert.equal(added, 20);
  await open('/cart');
  assert.equal(await page.locator('.lines .line').count(), 20);
  await assertReadable('/cart on a phone');
  await page.getByRole('link', { name: 'To checkout' }).click();
  const before = await total();
  await fillIn({ country: 'US' });
  await page.waitForFunction((text) => document.querySelector('.summary .total span:last-child').textContent !== text, before);
  const shown = await total();
  await assertReadable('/checkout on a phone');
  await page.getByRole('button', { name: 'Buy now' }).click();
  await page.getByRole('heading', { name: 'Thank you, your order is confirmed' }).waitFor();
  assert.equal(await total(), shown);
  await assertReadable('/order on a phone');
  for (const path of ['/search?q=lamp', '/product/HOM-LMP-0001', '/account', '/chat', '/nothing']) {
    await open(path);
    await assertReadable(`${path} on a phone`);
  }
  assertClean(/404/);
  await page.setViewportSize(kDesktop);
});

test('script in names, reviews, searches and addresses stays text', { skip }, async () => {
  await open('/product/HOM-LMP-0001');
  for (const stars of ['5', '1']) {
    await page.getByLabel('Stars').selectOption(stars);
    await page.getByLabel('Name to show').fill(kHostile.slice(0, 30));
    await page.getByLabel('What you think of it').fill(`${kHostile}\nsecond "line" \u202Efo gnorw eht`);
    await page.getByRole('button', { name: /^(Publish|Change it)$/ }).click();
    await page.getByText('is shown when somebody of the shop has looked at it').waitFor();
  }
  assert.equal(await page.locator('.reviews li').count(), 0, 'nobody sees it yet');
  const desk = (...what) => execFileSync(shopBinary, ['reviews', ...what], { encoding: 'utf8', env: { ...process.env, VCOMMERCE_DATA_DIR: data } });
  const waiting = desk('list', '--held', '--json').trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(waiting.map(({ held, stars }) => [held, stars]), [['markup', 1]], 'one review of each customer');
  assert.equal(desk('release', waiting[0].id), `released ${waiting[0].id}\n`);
  await page.reload();
  await page.getByText(`${kHostile}\nsecond "line"`).first().waitFor();
  assert.equal(await page.locator('.reviews li').count(), 1);
  await page.getByText('1.0 of 5, 1 review').waitFor();
  await assertReadable('/product with reviews');
  await open('/account');
  await page.getByLabel('Name').fill(kHostile.slice(0, 60));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: kHostile.slice(0, 60) }).waitFor();
  for (const path of [`/search?q=${encodeURIComponent(kHostile)}`, `/search?category=${encodeURIComponent(kHostile)}`, `/product/${encodeURIComponent('<script>alert(1)')}`, `/track/${encodeURIComponent('"><svg onload=alert(1)>')}`, '/account', '/product/HOM-LMP-0001']) {
    await open(path);
    const found = await page.evaluate(() => ({
      scripts: document.querySelectorAll('script:not([src="/assets/shop.js"]), iframe, object, svg').length,
      broken: document.querySelectorAll('img[src="x"]').length,
      handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some(({ name }) => name.startsWith('on'))).length,
    }));
    assert.deepEqual(found, { scripts: 0, broken: 0, handlers: 0 }, path);
    await assertReadable(path);
  }
  assertClean(/40[04]/);
});

test('all of it can be done with the keyboard alone', { skip }, async () => {
  await open('/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'the focus is in the content');
  await open('/product/HOM-LMP-0002');
  const order = [];
  for (let i = 0; i < 40 && !order.includes('Add to cart'); ++i) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent));
  }
  assert.deepEqual(order.slice(-2), ['Quantity', 'Add to cart']);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/cart$/);
  assertClean();
});

test('with services away the shop goes on as far as it can, and says so', { skip }, async () => {
  for (const service of ['recommendationservice', 'adservice', 'shippingservice', 'currencyservice']) assert.equal((await shop.fault(service, 'unavailable', 1)).status, 'OK');
  await open('/');
  await page.getByRole('heading', { name: 'New and noted' }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Chosen for you' }).count(), 0);
  await open('/checkout');
  await page.getByText('Its price is not known at the moment').waitFor();
  await assertReadable('/checkout without shipping');
  assert.equal((await shop.fault('cartservice', 'unavailable', 1)).status, 'OK');
  await open('/cart');
  await page.getByRole('heading', { name: 'Part of the shop is away' }).waitFor();
  await assertReadable('/cart without carts');
  for (const service of ['recommendationservice', 'adservice', 'shippingservice', 'currencyservice', 'cartservice']) await shop.fault(service, 'unavailable', 0);
  assertClean(/503/);
});

test('a blocked session is told politely', { skip }, async () => {
  await server.call('POST', '/api/godseye/v1/blocks', { body: { kind: 'session', value: order.session, reason: 'test', author: 'ana' } });
  await pollUntil('the page says so', async () => (await open('/'), (await page.getByRole('heading', { name: 'We cannot serve you at the moment' }).count()) > 0), { everyMilliseconds: 50 });
  await assertReadable('the page of the blocked');
  assertClean(/403/);
});
