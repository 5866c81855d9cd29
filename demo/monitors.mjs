// Brings the monitors of a file in Datadog's JSON (an array, or {"monitors": [...]}) into a server, each once by name.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { api: { type: 'string', default: 'http://127.0.0.1:8080' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help || positionals.length !== 1) {
  console.log('usage: node demo/monitors.mjs [--api http://127.0.0.1:8080] datadog/monitors.json');
  process.exit(values.help ? 0 : 2);
}

async function call(method, path, body) {
  const reply = await fetch(values.api + path, {
    method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

try {
  const file = JSON.parse(await readFile(positionals[0], 'utf8'));
  const wanted = Array.isArray(file) ? file : file.monitors;
  const present = new Set((await call('GET', '/api/v1/monitor')).map((monitor) => monitor.name));
  let added = 0;
  for (const monitor of wanted) {
    if (present.has(monitor.name)) continue;
    try {
      await call('POST', '/api/v1/monitor', monitor);
      ++added;
    } catch (error) {
      // One that this server cannot evaluate yet does not keep the others out.
      console.error(`monitors: '${monitor.name}' not imported: ${error.message}`);
    }
  }
  console.log(`monitors: ${added} added, ${wanted.length - added} already there or refused`);
} catch (error) {
  console.error(`monitors: ${error.message}`);
  process.exit(1);
}
