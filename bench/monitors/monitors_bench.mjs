// What monitors cost a running server.
//
// N monitors `avg(last_5m):avg:m{team:t} by {host} > 1000`, each with a scope and `groups` hosts of its own (--shared: all look at the
// same hosts of its metric, by a scope that differs in text only), over metrics that are sent all the time. Prints cores of the
// server and of its engine from /proc before the monitors are made and with them, the evaluation's duration, the longest of the
// first ones, and what was answered from memory. --monitors 1 --metrics 1 --groups 100000: one monitor of many groups. Needs build/release/bin/godseye, or $GODSEYE_BINARY. --memory 0: the store answers everything, as a comparison.
//
// usage: node bench/monitors/monitors_bench.mjs [options]
//   --monitors N    how many, at most 5,000 (default 2000)
//   --metrics N     different metrics they look at (default 20)
//   --groups N      hosts of each monitor (default 50)
//   --warm S        seconds before measuring (default 30)
//   --seconds S     measured for so many seconds, at most 60 (default 40)
//   --shared        all look at the same hosts
//   --memory SIZE   of recent points in the server, 0 for none (default 192MiB)
// CPU is printed in cores, durations in ms.
// example: node bench/monitors/monitors_bench.mjs --monitors 200 --seconds 20
import '../../tests/harness/help.mjs';
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Server, sleep } from '../../tests/harness/server.mjs';

const { values: given } = parseArgs({ options: {
  monitors: { type: 'string', default: '2000' }, metrics: { type: 'string', default: '20' }, groups: { type: 'string', default: '50' },
  seconds: { type: 'string', default: '40' }, warm: { type: 'string', default: '30' }, shared: { type: 'boolean', default: false },
  memory: { type: 'string', default: '192MiB' },
} });
const count = Math.min(5000, Number(given.monitors));
const metrics = Math.min(count, Number(given.metrics));
const groups = Number(given.groups);
const measured = Math.min(60, Number(given.seconds));
const kTicks = 100;  // of a second, in /proc

const server = await Server.start({ args: ['--recent-memory', given.memory] });

// Clock ticks of the server, and of the engine, its child.
function ticks() {
  const of = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  let engine = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
      if (parent === server.pid) engine += of(pid);
    } catch { /* it ended */ }
  }
  return { server: of(server.pid), engine };
}

const scopes = given.shared ? metrics : count;
let round = 0;
let sending = true;
// Every ten seconds each series has a point; 40 lines a datagram, a pause now and then, so that nothing is dropped.
async function feed() {
  while (sending) {
    const begun = Date.now();
    ++round;
    let lines = [];
    let packets = 0;
    for (let i = 0; i < scopes && sending; ++i) {
      for (let h = 0; h < groups; ++h) {
        lines.push(`bench.m${i % metrics}:${(round * 7 + h) % 100}|g|#team:t${i},host:h${h}`);
        if (lines.length === 25) {
          await server.send(lines.join('\n'));
          lines = [];
          if (++packets % 20 === 0) await sleep(2);
        }
      }
    }
    if (lines.length > 0) await server.send(lines.join('\n'));
    const left = 9800 - (Date.now() - begun);
    if (left > 0) await sleep(left);
  }
}
const feeding = feed();

async function cores(seconds) {
  const before = ticks();
  const begun = Date.now();
  await sleep(seconds * 1000);
  const after = ticks();
  const wall = (Date.now() - begun) / 1000;
  return { server: (after.server - before.server) / kTicks / wall, engine: (after.engine - before.engine) / kTicks / wall };
}

async function own(names) {
  const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.apiKey}` } })).text();
  return Object.fromEntries(names.map((name) => [name, Number(text.match(new RegExp(`^godseye_${name} (.*)$`, 'm'))?.[1] ?? NaN)]));
}
const kFigures = ['monitor_duration_ms', 'monitor_evaluated_after_ms', 'monitor_evaluations_total', 'monitor_evaluations_skipped_total',
  'monitor_deadline_misses_total', 'monitor_failures_total', 'monitor_groups', 'monitor_groups_left_out', 'recent_answered_total',
  'recent_left_to_store_total', 'recent_loaded_total', 'recent_bytes', 'recent_points', 'recent_streams'];

const text = (value) => value.toFixed(3);
try {
  await sleep(Number(given.warm) * 1000);
  const idle = await cores(measured / 2);
  console.log(`without monitors: server ${text(idle.server)} cores, engine ${text(idle.engine)} cores`);
  const headers = { 'content-type': 'application/json', 'dd-api-key': server.apiKey, 'dd-application-key': server.appKey };
  for (let i = 0; i < count; ++i) {
    const scope = given.shared ? `!none:${i}` : `team:t${i}`;
    const answer = await fetch(`${server.url}/api/v1/monitor`, { method: 'POST', headers, body: JSON.stringify({ name: `bench ${i}`,
      type: 'query alert', query: `avg(last_5m):avg:bench.m${i % metrics}{${scope}} by {host} > 1000` }) });
    if (answer.status !== 200) throw new Error(await answer.text());
  }
  // The first evaluations read the points and plan the queries.
  let longest = 0;
  for (const until = Date.now() + Number(given.warm) * 1000; Date.now() < until; await sleep(3000)) {
    longest = Math.max(longest, (await own(['monitor_duration_ms'])).monitor_duration_ms);
  }
  console.log(`the longest evaluation before: ${longest} ms`);
  const begin = await own(kFigures);
  const busy = await cores(measured);
  const end = await own(kFigures);
  console.log(`with ${count} monitors: server ${text(busy.server)} cores, engine ${text(busy.engine)} cores`);
  console.log(`monitors alone: ${text(busy.server + busy.engine - idle.server - idle.engine)} cores`);
  for (const name of kFigures) {
    const counts = name.endsWith('_total');
    console.log(`${name}: ${counts ? end[name] - begin[name] : end[name]}`);
  }
} finally {
  sending = false;
  await feeding;
  await server.stop();
}
