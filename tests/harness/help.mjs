// `--help` of a script whose usage is its own first comment: imported before anything else, prints that comment and ends.
import { readFileSync } from 'node:fs';

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  const lines = readFileSync(process.argv[1], 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  process.stdout.write(lines.slice(0, end).map((line) => `${line.replace(/^\/\/ ?/, '')}\n`).join(''));
  process.exit(0);
}
