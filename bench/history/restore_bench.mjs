// How long a backup and its restore take.
//
// Writes points with random values, which hardly compress, straight into the engine of a server of its own, backs the server up,
// stops it, and restores the backup into new directories. Each of them is started, and its rows are counted and hashed against those
// that were written. 120 million points are a backup of 1 GB; three times that is needed where TMPDIR says. Needs
// build/release/bin/godseye, or $GODSEYE_BINARY.
//
// usage: node bench/history/restore_bench.mjs [options]
//   --points N      at most 1,000,000,000 (default 120000000)
//   --days N        over which they are spread, at most 14 (default 13)
//   --runs N        restores, at most 10 (default 1)
// Times are printed in seconds, sizes in MB (1,000,000 bytes).
// example: node bench/history/restore_bench.mjs --points 12000000 --runs 3
import '../../tests/harness/help.mjs';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Server, kBinary, nowSeconds, pollUntil, runToEnd, temporaryFolder } from '../../tests/harness/server.mjs';
import { askEngine } from '../../tests/harness/engine.mjs';

const { values: given } = parseArgs({ options: {
  points: { type: 'string', default: '120000000' }, days: { type: 'string', default: '13' }, runs: { type: 'string', default: '1' },
} });
const days = Math.min(14, Number(given.days));
const perDay = Math.floor(Math.min(1e9, Number(given.points)) / days);
const runs = Math.min(10, Number(given.runs));
const kInsertRows = 1_000_000;
const kMegabyte = 1_000_000;

const folder = temporaryFolder();
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const summary = 'SELECT count(), sum(cityHash64(metric, series_id, time, value)) FROM points';

const server = await Server.start({ dataDir: join(folder, 'data') });
const { keys } = server;
await pollUntil('the tables are there', async () => (await askEngine(server, 'SELECT count() FROM points')) !== '');
const today = Math.floor(nowSeconds() / 86_400) * 86_400;
for (let day = 1; day <= days; ++day) {
  const from = today - day * 86_400;
  for (let done = 0; done < perDay; done += kInsertRows) {
    const rows = Math.min(kInsertRows, perDay - done);
    await askEngine(server, `INSERT INTO points (metric, series_id, time, value) SELECT 'restore.load', cityHash64(number % 1000),
      toDateTime(${from}, 'UTC') + intDiv((number + ${done}) * 86400, ${perDay}), rand64() / 1e19 FROM numbers(${rows})`);
  }
}
const wrote = await askEngine(server, summary);
const env = { DD_API_KEY: keys.apiKey, DD_APP_KEY: keys.appKey };
let begun = performance.now();
const told = await runToEnd(kBinary, ['backup', '--name', 'bench', '--server', server.url], { env, seconds: 600 });
if (told.code !== 0) throw new Error(told.stderr);
console.log(`backup: ${((performance.now() - begun) / 1000).toFixed(1)} s; ${told.stdout.trim()}`);
await server.stop({ keepData: true });
for (let run = 1; run <= runs; ++run) {
  const dataDir = join(folder, `restored${run}`);
  begun = performance.now();
  const made = await runToEnd(kBinary, ['restore', join(folder, 'data', 'backups', 'bench'), '--data-dir', dataDir], { seconds: 900 });
  if (made.code !== 0) throw new Error(made.stderr);
  const seconds = (performance.now() - begun) / 1000;
  const again = await Server.start({ dataDir, keys });
  const held = await askEngine(again, summary);
  const bytes = Number(await askEngine(again, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'godseye'"));
  await again.stop({ keepData: true });
  rmSync(dataDir, { recursive: true, force: true });
  console.log(`restore: ${seconds.toFixed(1)} s, ${(bytes / kMegabyte).toFixed(0)} MB of tables; rows and hash are ${held === wrote ? 'those that were written' : `NOT the same: ${held} for ${wrote}`}`);
}
