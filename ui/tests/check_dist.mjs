// Runs at the end of every build: what was built keeps its promises. No address of another host in what the browser
// loads, nothing inline that the content security policy would refuse, and a bound on what a phone has to download.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const kScriptGzipBytesMax = 250_000;
// Names inside libraries that are identifiers or documentation, never fetched.
const kNotFetched = [/^https?:\/\/www\.w3\.org\//, /^https?:\/\/react\.dev\//];

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

const problems = [];
let script_bytes = 0;
for (const file of files) {
  const bytes = readFileSync(file);
  const name = file.slice(dist.length);
  if (name.endsWith('.js')) script_bytes += gzipSync(bytes).length;
  if (!/\.(js|css|html|svg)$/.test(name)) problems.push(`${name}: unexpected kind of file`);
  if (name.startsWith('assets/') && !/-[\w-]{8,}\.\w+$/.test(name)) problems.push(`${name}: no hash in the name`);
  for (const [address] of bytes.toString().matchAll(/https?:\/\/[^\s"'`)<>\\]+/g)) {
    if (!kNotFetched.some((known) => known.test(address))) problems.push(`${name}: address ${address}`);
  }
  if (name.endsWith('.html') && /<script(?![^>]*\bsrc=)/.test(bytes.toString())) problems.push(`${name}: inline script`);
}
if (script_bytes > kScriptGzipBytesMax) problems.push(`scripts are ${script_bytes} bytes compressed`);
if (problems.length > 0) {
  console.error(problems.map((problem) => `check_dist: ${problem}`).join('\n'));
  process.exit(1);
}
console.log(`check_dist: ${files.length} files, scripts ${script_bytes} bytes compressed`);
