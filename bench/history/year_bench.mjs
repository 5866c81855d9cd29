// How long charts over a year of roll-ups take.
//
// Writes the hours of a year for each series straight into the engine of a server of its own (tables of rolled-up points,
// merged as the server merges months that are over), as a version without days left them, lets the next start make days
// of them, then asks `/api/v1/query` and prints the median and the longest of the runs, until the answer's last byte and
// until it is parsed, and the CPU time that a run costs the engine and the server. The first run, which reads from the
// disk, is printed apart. --data-dir keeps what was written there, and asks again where it is there already: an old
// program against a new one. Needs build/release/bin/godseye, or $GODSEYE_BINARY.
//
// usage: node bench/history/year_bench.mjs [options]
//   --series N      lines of the metric, at most 10,000 (default 1000)
//   --days N        of history, at most 440 (default 365)
//   --runs N        of each question, at most 50 (default 9)
//   --data-dir DIR  where to keep the history (default: a temporary one)
//   --identity      ask for answers that are not compressed (default: gzip, as browsers do)
// Times and CPU are printed in ms.
// example: node bench/history/year_bench.mjs --series 100 --days 90 --runs 5
import '../../tests/harness/help.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Server, nowSeconds, pollUntil } from '../../tests/harness/server.mjs';
import { askEngine } from '../../tests/harness/engine.mjs';

const { values: given } = parseArgs({ options: {
  series: { type: 'string', default: '1000' }, days: { type: 'string', default: '365' }, runs: { type: 'string', default: '9' }, 'data-dir': { type: 'string' },
  identity: { type: 'boolean', default: false },
} });
const count = Math.min(10_000, Number(given.series));
const days = Math.min(440, Number(given.days));
const runs = Math.min(50, Number(given.runs));

const dataDir = given['data-dir'];
const written = dataDir !== undefined && existsSync(dataDir);
let server = await Server.start({ anonymous: true, dataDir });

const engine = (sql) => askEngine(server, sql);

const hour = Math.floor(nowSeconds() / 3600) * 3600;
const from = hour - days * 86_400;
await pollUntil('the tables are there', async () => (await engine('SELECT count() FROM rollup_progress')) !== '');
async function write() {
  console.log(`${count} series, ${days} days of hours: ${count * days * 24} rows`);
  // A gauge with a day's and a week's rhythm; one series a host, twenty teams.
  const id = (metric) => `cityHash64('${metric}', intDiv(number, 24 * ${days}))`;
  for (const [metric, type] of [['year.load', 3], ['year.requests', 1]]) {
    await engine(`INSERT INTO series (day, metric, series_id, type, interval_s, tags) SELECT toDate(toDateTime(${from}, 'UTC')) + number % ${days + 1},
      '${metric}', cityHash64('${metric}', intDiv(number, ${days + 1})), ${type}, 10,
      [concat('host:h', toString(intDiv(number, ${days + 1}))), concat('team:t', toString(intDiv(number, ${days + 1}) % 20))]
      FROM numbers(${count * (days + 1)})`);
    await engine(`INSERT INTO points_1h (metric, series_id, time, n, sum, min, max, version) SELECT '${metric}', ${id(metric)},
      toDateTime(${from}, 'UTC') + number % (24 * ${days}) * 3600, 360, 360 * v, v * 0.7, v * 1.4, 1 FROM (SELECT number,
      50 + 20 * sin(number % 24 / 24 * 6.28) + 10 * sin(number % 168 / 168 * 6.28) + cityHash64(number) % 1000 / 100 AS v
      FROM numbers(${count * days * 24}))`);
  }
  const begun = Date.now();
  await engine('OPTIMIZE TABLE points_1h FINAL');
  await engine('OPTIMIZE TABLE series FINAL');
  console.log(`merged in ${((Date.now() - begun) / 1000).toFixed(1)} s; bytes of points_1h: ${await engine(
    "SELECT formatReadableSize(sum(bytes_on_disk)) FROM system.parts WHERE active AND table = 'points_1h' AND database = 'godseye'")}`);
  await engine('TRUNCATE TABLE rollup_progress');
  await server.stop({ keepData: true });
  const restarted = Date.now();
  const owns = server.ownsData;
  server = await Server.start({ anonymous: true, dataDir: server.dataDir });
  server.ownsData = owns;
  const today = Math.floor(hour / 86_400) * 86_400;
  await pollUntil('days are made of all hours', async () => Number(await engine(
    'SELECT toUnixTimestamp(maxIf(until, id = 2)) FROM rollup_progress')) >= today, { seconds: 600 });
  console.log(`days made of hours in ${((Date.now() - restarted) / 1000).toFixed(1)} s, the start included; rows of points_1d: ${await engine(
    'SELECT count() FROM points_1d')}`);
}
if (!written) await write();

// CPU time, ms, of the engine and of the server since their start.
const kTickMilliseconds = 10;
function spent() {
  const of = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * kTickMilliseconds;
  };
  return [server.children().reduce((sum, pid) => sum + of(pid), 0), of(server.pid)];
}

async function ask(query) {
  const at = performance.now();
  const parameters = new URLSearchParams({ query, from: from + 3600, to: hour });
  const reply = await fetch(`${server.url}/api/v1/query?${parameters}`, { headers: given.identity ? { 'accept-encoding': 'identity' } : {} });
  const text = await reply.text();
  const last = performance.now() - at;
  if (reply.status !== 200) throw new Error(`${reply.status} ${text.slice(0, 500)}`);
  const answer = JSON.parse(text);
  const points = answer.series.reduce((sum, { pointlist }) => sum + pointlist.length, 0);
  return { last, ms: performance.now() - at, lines: answer.series.length, points };
}
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log('query | lines | points | first ms | median ms, to the last byte | parsed | longest | CPU ms of the engine, of the server');
for (const query of ['avg:year.load{*}', 'max:year.load{*}', 'avg:year.load{*} by {team}', 'sum:year.requests{*} by {team}.as_count()',
  'avg:year.load{host:h7}', 'avg:year.load{team:t3} by {host}', 'avg:year.load{*} by {host}']) {
  const first = await ask(query);
  const times = [];
  const lasts = [];
  const before = spent();
  for (let run = 0; run < runs; ++run) {
    const { ms, last } = await ask(query);
    times.push(ms);
    lasts.push(last);
  }
  const cost = spent().map((ms, i) => ((ms - before[i]) / runs).toFixed(0));
  console.log([query, first.lines, first.points, first.ms.toFixed(0), middle(lasts).toFixed(0), middle(times).toFixed(0), times.at(-1).toFixed(0), cost.join(', ')].join(' | '));
}
await server.stop();
