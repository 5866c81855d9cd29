// How the demo's programs read their command lines: HOST:PORT, numbers within bounds, flags; `--help`; and one line that
// names the option and exit code 2 for what is wrong.
import { parseArgs } from 'node:util';

export const kSeedMax = 2 ** 32 - 1;
export const kSecondsMax = 1e9;

export const address = (standard) => ({ standard, read: (text, name) => {
  if (!/^[^/]+:\d+$/.test(text)) throw new Error(`--${name} takes HOST:PORT, not '${text}'`);
  return text;
} });
export const number = (standard, min, max) => ({ standard: String(standard), read: (text, name) => {
  const value = Number(text);
  if (!(text.trim() !== '' && value >= min && value <= max)) throw new Error(`--${name} takes a number from ${min} to ${max}, not '${text}'`);
  return value;
} });
export const flag = () => ({ flag: true });

// `kinds`: {rate: number(2, 0.01, 100), …}. The values under the same names; undefined for an address that has no
// standard and was not given.
export function readOptions(program, usage, kinds, args = process.argv.slice(2)) {
  const options = { help: { type: 'boolean', short: 'h' } };
  for (const [name, kind] of Object.entries(kinds)) {
    options[name] = kind.flag ? { type: 'boolean' } : { type: 'string', ...(kind.standard !== undefined && { default: kind.standard }) };
  }
  try {
    const { values } = parseArgs({ options, args });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, kind.flag || values[name] === undefined ? values[name] : kind.read(values[name], name)]));
  } catch (error) {
    console.error(`${program}: ${error.message} (see --help)`);
    process.exit(2);
  }
}

// Of the programs with attackers: {after, length, pause} in seconds, as `attackerAt` of traffic.mjs takes it.
export const attackOptions = (after, length, pause) => ({
  'attack-after': number(after, 0, kSecondsMax), 'attack-for': number(length, 0, kSecondsMax), 'attack-pause': number(pause, 1, kSecondsMax),
});
export const attacksOf = (values) => ({ after: values['attack-after'], length: values['attack-for'], pause: values['attack-pause'] });
