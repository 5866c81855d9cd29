// Every alert of the shop fires by its fault switch and recovers after it. A command of its own, no part of ./test.
//
//   node tests/long/alerts.mjs [--speed N] [--only NAME[,NAME]] [--gentle MINUTES] [--json] [--list]
//
// Needs build/release/bin/godseye with its store (GODSEYE_BINARY) and vcommerce beside it. Starts both, with traffic of its
// own over the shop's public interfaces (alert_traffic.mjs), loads datadog/alerts.json over the API, and then for each row
// of kRehearsals: its monitor is OK; its switch is set; the monitor's group goes to Alert; an incident or a case is opened,
// as its message says; the switch is lifted; the group is OK again. Switches that do not disturb each other are on at a
// time; how long a recovery may take counts from the last of them, because some do. Exit code 1 when a row fails, or an alert of the shop has no row.
import { readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server, kRoot, nowSeconds, pollUntil, runToEnd, sleep, temporaryFolder } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';
import { Traffic } from './alert_traffic.mjs';

const kUsage = `usage: node tests/long/alerts.mjs [options]
  --speed N          load copies of the alerts whose windows are N times shorter, a minute at least (default 1: as shipped)
  --only A,B         only these rows, by the runbook name of their alerts: checkout/errors,network/dns
  --gentle MINUTES   set no switch: gentle traffic (demo/shop_visits.mjs) so long, then name the alerts that fired
  --json             the result as one JSON document on standard output; progress on standard error
  --list             the rows: alert, switch and value, query
  --help
example: node tests/long/alerts.mjs --speed 15 --only checkout/errors,network/dns`;

// `alert` is the name of its runbook section. `group` is the one that must fire. A row waits until those of `after` have
// fired and their switches are lifted: because they would fire by its switch too, or need the service whole. `with`: what
// happens beside the switch.
const kRehearsals = [
  // Each service is asked by itself.
  { alert: 'currency/old-rates', service: 'currencyservice', fault: 'currency.stale_rates', value: 7200 },
  { alert: 'currency/failures', service: 'currencyservice', fault: 'currency.conversion_errors', value: 0.5 },
  { alert: 'shipping/quotes', service: 'shippingservice', fault: 'shipping.quote_errors', value: 0.5 },
  { alert: 'shipping/tracking', service: 'shippingservice', fault: 'shipping.tracking_errors', value: 0.5 },
  { alert: 'recommendation/slow', service: 'recommendationservice', fault: 'recommendation.latency_ms', value: 800 },
  { alert: 'recommendation/empty', service: 'recommendationservice', fault: 'recommendation.empty', value: 0.5 },
  { alert: 'ads/errors', service: 'adservice', fault: 'ad.errors', value: 0.5 },
  { alert: 'ads/empty', service: 'adservice', fault: 'ad.empty', value: 0.5 },
  { alert: 'data-stores/redis-memory', service: 'cartservice', fault: 'cart.redis_memory_ratio', value: 0.95 },
  { alert: 'data-stores/redis-connections', service: 'cartservice', fault: 'cart.redis_connections_taken', value: 10_000 },
  { alert: 'cart/redis-errors', service: 'cartservice', fault: 'cart.redis_gone', value: 0.5 },
  { alert: 'cart/retrieval', service: 'cartservice', fault: 'cart.redis_gone', value: 0.5 },
  { alert: 'cart/slow-add', service: 'cartservice', fault: 'latency_ms', value: 800, after: ['cart/redis-errors', 'cart/retrieval'] },
  { alert: 'email/failures', service: 'emailservice', fault: 'email.failures', value: 0.5 },
  { alert: 'email/queue', service: 'emailservice', fault: 'email.stalled', value: 1, after: ['email/failures'], with: (traffic) => traffic.mails(1200) },
  { alert: 'catalogue/slow-search', service: 'productcatalogservice', fault: 'catalog.search_latency', value: 1500 },
  { alert: 'catalogue/no-results', service: 'productcatalogservice', fault: 'catalog.search_empty', value: 0.5 },
  { alert: 'data-stores/sql-slow', group: 'service:productcatalogservice', service: 'productcatalogservice', fault: 'catalog.sql_latency', value: 300, after: ['catalogue/slow-search'] },
  { alert: 'payment/gateway-errors', service: 'paymentservice', fault: 'payment.gateway_errors', value: 0.5 },
  { alert: 'network/grpc-slow', group: 'caller:paymentservice,callee:paymentgateway', service: 'paymentgateway', fault: 'gateway.latency_ms', value: 800, after: ['payment/gateway-errors'] },
  { alert: 'payment/timeouts', service: 'paymentservice', fault: 'payment.timeouts', value: 0.5, after: ['network/grpc-slow'] },
  { alert: 'payment/slow-fraud-check', service: 'paymentservice', fault: 'payment.fraud_check_ms', value: 4000 },
  { alert: 'network/grpc-errors', group: 'caller:cartservice,callee:productcatalogservice', service: 'productcatalogservice', fault: 'error_fraction', value: 0.5, after: ['catalogue/slow-search', 'catalogue/no-results', 'data-stores/sql-slow'] },
  { alert: 'network/dns', group: 'service:cartservice', service: 'cartservice', fault: 'dns_errors', value: 0.5, after: ['network/grpc-errors'] },
  { alert: 'catalogue/down', group: 'service:productcatalogservice', service: 'productcatalogservice', fault: 'unavailable', value: 1, after: ['network/grpc-errors', 'network/dns'] },
  // With orders and pages, once all switches above are lifted.
  { alert: 'checkout/errors', phase: 2, service: 'checkoutservice', fault: 'checkout.errors', value: 0.2 },
  { alert: 'checkout/few-orders', phase: 2, service: 'checkoutservice', fault: 'checkout.errors', value: 1, after: ['checkout/errors'] },
  { alert: 'checkout/slow-payment', phase: 2, service: 'paymentservice', fault: 'latency_ms', value: 6000, after: ['checkout/few-orders'] },
  { alert: 'frontend/slow', phase: 2, service: 'frontend', fault: 'frontend.slow_ms', value: 2500 },
  { alert: 'frontend/session-errors', phase: 2, service: 'frontend', fault: 'frontend.session_errors', value: 0.1 },
  { alert: 'frontend/errors', phase: 2, service: 'frontend', fault: 'frontend.errors', value: 0.1, after: ['frontend/session-errors'] },
];

const kOthers = /^(llm|godseye)\//; // alerts that are not the shop's
const kPollMilliseconds = 2000;
const kAskSeconds = 60; // a machine that builds beside this may be slow
const kProgressMilliseconds = 30_000;
const kFireSlackSeconds = 150; // beyond the window
const kRecoverSlackSeconds = 150;
const kOkSeconds = 180; // until a monitor is OK before its switch
const kQuietSeconds = 20;
const kOrdersAMinute = 60; // of alert_traffic.mjs
const kDay = 86_400;

const log = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

function options() {
  let values;
  try {
    ({ values } = parseArgs({ options: {
      speed: { type: 'string', default: '1' }, only: { type: 'string', default: '' }, gentle: { type: 'string', default: '' },
      json: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    } }));
  } catch (error) {
    console.error(`${error.message}\n${kUsage}`);
    process.exit(2);
  }
  if (values.help) {
    console.log(kUsage);
    process.exit(0);
  }
  const speed = Number(values.speed);
  const gentle = values.gentle === '' ? 0 : Number(values.gentle);
  const only = values.only.split(',').filter(Boolean);
  const unknown = only.filter((name) => !kRehearsals.some(({ alert }) => alert === name));
  const wrong = !(speed >= 1 && speed <= 60) ? '--speed takes a number from 1 to 60'
    : !(gentle >= 0 && gentle <= 240) ? '--gentle takes minutes, at most 240'
      : unknown.length ? `no such row: ${unknown.join(', ')} (see --list)` : '';
  if (wrong) {
    console.error(wrong);
    process.exit(2);
  }
  return { speed, gentle, only, json: values.json, list: values.list };
}

const nameOf = (monitor) => monitor.tags.find((tag) => tag.startsWith('alert:'))?.slice(6) ?? monitor.name;
const kUnits = { m: 60, h: 3600, d: kDay };
const windowSeconds = (query) => {
  const found = query.match(/last_(\d+)([mhd])/);
  return found ? Number(found[1]) * kUnits[found[2]] : 60; // of a service check: a handful of runs
};
// The same monitor with a window `speed` times shorter, whole minutes, at least one.
function faster(monitor, speed) {
  const query = monitor.query.replace(/last_(\d+)([mhd])/, (_, count, unit) =>
    `last_${Math.max(1, Math.round((Number(count) * kUnits[unit]) / speed / 60))}m`);
  const delay = Math.round((monitor.options.new_group_delay ?? 0) / speed);
  return { ...monitor, query, options: { ...monitor.options, new_group_delay: delay } };
}

class Rehearsal {
  state = 'waiting'; // waiting, ready, set, fired, done, failed
  why = '';
  fired_s = null;
  recovered_s = null;
  opened = null; // 'INCIDENT-1', 'CASE-2'
  constructor(row, monitor) {
    Object.assign(this, { group: '*', phase: 1, after: [], ...row, monitor });
    this.window_s = windowSeconds(monitor.query);
    this.delay_s = monitor.options.new_group_delay ?? 0; // its groups are left alone so long
    this.opens = monitor.message.match(/@(incident|case)-/)?.[1] ?? null;
  }
  get switch() {
    return `${this.service} ${this.fault} ${this.value}`;
  }
  fail(why) {
    this.state = 'failed';
    this.why = why;
    log(`${this.alert}: FAILED: ${why}`);
  }
}

class Run {
  others = new Map(); // alerts that fired and were not asked to: 'alert group' → seconds after the start
  constructor(server, shop, traffic, rows) {
    Object.assign(this, { server, shop, traffic, rows });
    this.began = performance.now();
    this.on = new Map(); // switches that are set → how many rows use them
  }

  at() {
    return (performance.now() - this.began) / 1000;
  }

  async poll() {
    const monitors = await this.server.call('GET', '/api/v1/monitor', { query: { group_states: 'all' }, seconds: kAskSeconds });
    this.states = new Map(monitors.map((monitor) => [monitor.id, monitor]));
    for (const monitor of monitors) {
      for (const [group, { status }] of Object.entries(monitor.state?.groups ?? {})) {
        const asked = this.rows.some((row) => row.monitor.id === monitor.id && row.group === group && row.state !== 'waiting');
        const key = `${nameOf(monitor)} ${group}`;
        if (status === 'Alert' && !asked && !this.others.has(key)) this.others.set(key, Math.round(this.at()));
      }
    }
  }

  status(row) {
    const monitor = this.states.get(row.monitor.id);
    return monitor.state?.groups?.[row.group]?.status ?? (monitor.evaluation_error ? `error: ${monitor.evaluation_error}` : 'absent');
  }

  async set(row) {
    const users = this.on.get(row.switch) ?? 0;
    if (users === 0) {
      const reply = await this.shop.fault(row.service, row.fault, row.value, 3600);
      if (reply.status !== 'OK') return row.fail(`its switch: ${reply.status} ${reply.message}`);
    }
    this.on.set(row.switch, users + 1);
    row.setAt = this.at();
    row.state = 'set';
    log(`${row.alert}: ${row.switch}`);
    row.with?.(this.traffic);
  }

  async lift(row) {
    const users = this.on.get(row.switch) - 1;
    this.on.set(row.switch, users);
    if (users > 0) return;
    await this.shop.call(row.service, 'faults', 'Faults/Clear', { name: row.fault }, { metadata: { 'fault-key': this.shop.faultKey } });
    this.lastLift = this.at();
    for (const other of this.rows) if (other.switch === row.switch) other.liftedAt = this.at();
  }

  // The incident or case that the row's alert opened or joined.
  async found(row) {
    if (row.opens === 'case') {
      const { data } = await this.server.call('GET', '/api/v2/cases', { query: { 'page[size]': 100 }, seconds: kAskSeconds });
      return data.find(({ attributes }) => attributes.monitor_id === row.monitor.id)?.attributes.key;
    }
    for (const { id, attributes } of (await this.server.call('GET', '/api/v2/incidents', { query: { 'page[size]': 100 }, seconds: kAskSeconds })).data) {
      const { alerts } = await this.server.call('GET', `/api/godseye/v1/incidents/${id}/alerts`, { seconds: kAskSeconds });
      if (alerts.some((alert) => alert.monitor_id === row.monitor.id)) return `INCIDENT-${attributes.public_id}`;
    }
    return null;
  }

  done = (row) => row.state === 'done' || row.state === 'failed';
  // True when `row` is in nobody's way any more: it fired, or failed, and its switch is lifted.
  passed = (name) => this.rows.filter(({ alert }) => alert === name).every((row) => row.state === 'failed' || row.liftedAt !== undefined);

  async step(row, phase) {
    const status = this.status(row);
    if (row.state === 'waiting') {
      if (row.phase !== phase || !row.after.every(this.passed)) return;
      row.state = 'ready';
      row.readyAt = this.at();
    }
    if (row.state === 'ready') {
      const warm = row.alert === 'checkout/few-orders' ? 60 : 0; // some orders to fall from
      // A count of errors that never happened has no group yet: it is as quiet as OK.
      const quiet = status === 'OK' || (status === 'absent' && row.delay_s === 0 && this.at() - row.readyAt > kQuietSeconds);
      if (quiet && this.at() - this.phaseBegan >= warm) return this.set(row);
      if (this.at() - row.readyAt > kOkSeconds + row.delay_s) row.fail(`was not OK before its switch but ${status}`);
      return;
    }
    if (row.state === 'set') {
      if (status === 'Alert') {
        row.fired_s ??= Math.round(this.at() - row.setAt);
        row.opened ??= row.opens ? await this.found(row) : 'nothing to open';
        if (!row.opened && this.at() - row.setAt - row.fired_s < 20) return;
        log(`${row.alert}: fired after ${row.fired_s} s (${row.opened ?? `NO ${row.opens}`})`);
        await this.lift(row);
        if (!row.opened) return row.fail(`fired after ${row.fired_s} s and opened no ${row.opens}`);
        row.state = 'fired';
      } else if (this.at() - row.setAt > row.window_s + kFireSlackSeconds) {
        await this.lift(row);
        row.fail(`did not fire within ${row.window_s + kFireSlackSeconds} s: ${status}, value ${this.states.get(row.monitor.id).state?.groups?.[row.group]?.value}`);
      }
      return;
    }
    if (row.state === 'fired' && row.liftedAt !== undefined) {
      if (status === 'OK') {
        row.recovered_s = Math.round(this.at() - row.liftedAt);
        row.state = 'done';
        log(`${row.alert}: recovered after ${row.recovered_s} s`);
      } else if (this.on.values().every((users) => users === 0) && this.at() - this.lastLift > row.window_s + kRecoverSlackSeconds) {
        row.fail(`fired after ${row.fired_s} s and did not recover within ${Math.round(this.at() - row.liftedAt)} s, the last of them without any switch: ${status}`);
      }
    }
  }

  async phase(number, until) {
    this.phaseBegan = this.at();
    let told = performance.now();
    while (!until()) {
      await this.poll();
      for (const row of this.rows) if (!this.done(row)) await this.step(row, number);
      if (performance.now() - told > kProgressMilliseconds) {
        told = performance.now();
        const count = (state) => this.rows.filter((row) => row.state === state).length;
        log(`${Math.round(this.at())} s: ${count('waiting') + count('ready')} to come, ${count('set')} switched, ${count('fired')} fired and not recovered yet, ${count('done')} done, ${count('failed')} failed`);
      }
      await sleep(kPollMilliseconds);
    }
  }
}

// Yesterday's orders of the time to come, so that today's can fall below half of them. They begin a little later than
// today's, which are behind by an evaluation.
async function importYesterday(server, minutes) {
  const from = Math.floor(nowSeconds() / 10) * 10 + 30;
  const lines = Array.from({ length: minutes * 6 }, (_, i) => JSON.stringify({
    metric: 'checkout.order.count', type: 'count', interval: 10, timestamp: from - kDay + i * 10, value: kOrdersAMinute / 6, tags: ['service:checkoutservice', 'currency:EUR'],
  }));
  const told = await runToEnd(process.env.GODSEYE_BINARY ?? join(kRoot, 'build/release/bin/godseye'), ['import-history', '-', '--format', 'ndjson', '--server', server.url], {
    env: { DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey }, input: lines.join('\n') + '\n',
  });
  if (told.code !== 0) throw new Error(`import-history: ${told.stderr || told.stdout}`);
}

async function startShop(server, dataDir) {
  const shop = await Shop.start({ server, env: {
    VCOMMERCE_DATA_DIR: join(dataDir, 'shop'), DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey, GODSEYE_URL: server.url,
    VCOMMERCE_GODSEYE: server.url, VCOMMERCE_GODSEYE_API_KEY: server.apiKey,
  } });
  const pages = await pollUntil('the web shop says where it is', () => shop.stderr.match(/"url":"(http:\/\/[^"]+)"/)?.[1]);
  // Half an hour of logs is not kept.
  shop.child.stderr.removeAllListeners('data').resume();
  return { shop, pages };
}

async function gentle(server, shop, pages, minutes) {
  const visits = spawn(process.execPath, [join(kRoot, 'demo/shop_visits.mjs'), '--shop', new URL(pages).host, '--duration', String(minutes * 60)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => visits.on('close', resolve));
  process.on('exit', () => visits.kill('SIGKILL'));
  const run = new Run(server, shop, null, []);
  let over = false;
  ended.then(() => { over = true; });
  while (!over) {
    await run.poll();
    await sleep(kPollMilliseconds);
  }
  return [...run.others].map(([alert, at_s]) => ({ alert, at_s }));
}

function tell(rows, others, given) {
  if (given.json) {
    const plain = rows.map(({ alert, group, service, fault, value, query, window_s, state, fired_s, recovered_s, opened, why }) =>
      ({ alert, group, service, fault, value, query, window_s, state, fired_s, recovered_s, opened, why }));
    console.log(JSON.stringify({ speed: given.speed, gentle_minutes: given.gentle, rows: plain, others }, null, 1));
    return;
  }
  if (given.speed > 1) console.log(`the alerts' windows were ${given.speed} times shorter than shipped (a minute at least)`);
  for (const row of rows) {
    const result = row.state === 'done' ? `fired after ${row.fired_s} s, recovered after ${row.recovered_s} s (window ${row.window_s} s; ${row.opened})` : `NOT SHOWN: ${row.why || row.state}`;
    console.log(`${row.state === 'done' ? 'ok  ' : 'FAIL'} ${row.alert.padEnd(30)} ${row.switch.padEnd(58)} ${result}`);
  }
  if (others.length) console.log(`${given.gentle ? 'fired in gentle traffic' : 'fired as well'}:\n${others.map(({ alert, at_s }) => `     ${alert} (after ${at_s} s)`).join('\n')}`);
  if (given.gentle && !others.length) console.log(`no alert fired in ${given.gentle} minutes of gentle traffic`);
}

async function main() {
  const given = options();
  const shipped = JSON.parse(readFileSync(join(kRoot, 'datadog/alerts.json'), 'utf8'));
  const without = shipped.map(nameOf).filter((name) => !kOthers.test(name) && !kRehearsals.some(({ alert }) => alert === name));
  if (without.length) throw new Error(`alerts without a switch in kRehearsals: ${without.join(', ')}`);
  const named = (name) => shipped.find((monitor) => nameOf(monitor) === name) ?? (() => { throw new Error(`datadog/alerts.json has no alert:${name}`); })();
  if (given.list) {
    for (const row of kRehearsals) console.log(`${row.alert.padEnd(30)} ${`${row.service} ${row.fault} ${row.value}`.padEnd(58)} ${named(row.alert).query}`);
    return 0;
  }
  const dataDir = temporaryFolder();
  const server = await Server.start({ dataDir: join(dataDir, 'godseye'), traceAgent: true, anonymous: true });
  let shop;
  try {
    const monitors = new Map();
    for (const monitor of shipped) monitors.set(nameOf(monitor), await server.call('POST', '/api/v1/monitor', { body: faster(monitor, given.speed) }));
    const started = await startShop(server, dataDir);
    shop = started.shop;
    log(`Godseye is at ${server.url}, the shop at ${started.pages}; ${monitors.size} alerts loaded${given.speed > 1 ? `, windows ${given.speed} times shorter` : ''}`);
    if (given.gentle) {
      const others = await gentle(server, shop, started.pages, given.gentle);
      tell([], others, given);
      return others.length ? 1 : 0;
    }
    const rows = kRehearsals.filter(({ alert }) => !given.only.length || given.only.includes(alert)).map((row) => new Rehearsal(row, monitors.get(row.alert)));
    const traffic = new Traffic(shop, started.pages);
    await traffic.prepare();
    const run = new Run(server, shop, traffic, rows);
    traffic.start('services');
    const first = rows.filter((row) => row.phase === 1);
    await run.phase(1, () => first.every((row) => run.done(row) || run.passed(row.alert)));
    if (rows.length > first.length) {
      await importYesterday(server, 60);
      traffic.start('shop');
      log('orders and pages begin');
    }
    await run.phase(2, () => rows.every(run.done));
    traffic.stop();
    log(`calls: ${Object.entries(traffic.counts).map(([kind, { ok, failed, left_out }]) => `${kind} ${ok} ok, ${failed} failed${left_out ? `, ${left_out} left out` : ''}`).join('; ')}`);
    tell(rows, [...run.others].map(([alert, at_s]) => ({ alert, at_s })), given);
    return rows.every((row) => row.state === 'done') ? 0 : 1;
  } finally {
    await shop?.stop();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
