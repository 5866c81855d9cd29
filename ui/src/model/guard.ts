// What the guard says about a text or a picture, made ready to show. Answers come from the server but quote hostile
// input: every field is read with care, and everything stays text.

export interface Mark {
  start: number; // bytes of UTF-8, as the server counts
  end: number;
  kind: 'attack' | 'pii';
  label: string;
}

export interface Segment {
  text: string;
  marks: Mark[]; // all that cover this piece
}

export interface TextVerdict {
  score: number | null; // null: no text was judged, only an answer
  label: string;
  reasons: string[];
  marks: Mark[];
  parts: Fact[]; // of an answer: quality, grounding, toxicity, leak
}

export interface Fact {
  name: string;
  value: string;
  bad: boolean;
}

export interface ImageVerdict {
  verdict: string;
  kind: string;
  findings: { kind: string; verdict: string; detail: string }[];
  facts: Fact[];
  metadata: string;
}

// Longer texts are inspected whole and shown up to here.
export const kShownCharsMax = 20_000;
export const kMarksMax = 500;

const kReasons: Readonly<Record<string, string>> = {
  override: 'asks to set instructions aside',
  extraction: 'asks for the system prompt or secrets',
  jailbreak: 'asks for a role without rules',
  role_tag: 'imitates the marks of a chat format',
  tool_abuse: 'tries to make tools run',
  sql: 'carries database or markup injection',
  exfiltration: 'tries to send data elsewhere',
  indirect: 'speaks to the model from inside a document',
  hijack: 'dictates an answer or a new task',
  'model:text': 'reads like known attacks as a whole',
  'model:window': 'has a passage that reads like known attacks',
  source: 'gives orders from a place that should only inform',
  'session:split_payload': 'continues earlier turns into an attack',
  'session:repeated_probing': 'follows several suspicious turns',
};

// "decoded:base64" and the like explain themselves.
export function reasonText(reason: string): string {
  const known = kReasons[reason];
  if (known !== undefined) return known;
  const [kind, what] = reason.split(':');
  if (kind === 'decoded' && what) return `hides its words by ${what}`;
  if (kind === 'disguise' && what) return `hides its words with ${what} characters`;
  return reason;
}

// The text cut at every beginning and end of a mark, each piece with the marks that cover it.
export function segmentsOf(text: string, marks: readonly Mark[]): Segment[] {
  const shown = text.slice(0, kShownCharsMax);
  const used = marks.slice(0, kMarksMax);
  const wanted = new Set<number>();
  for (const mark of used) {
    wanted.add(mark.start);
    wanted.add(mark.end);
  }
  const at = charIndexes(shown, wanted);
  const cuts = [...new Set([0, shown.length, ...at.values()])].sort((a, b) => a - b);
  const out: Segment[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const from = cuts[i] as number;
    const to = cuts[i + 1] as number;
    const covering = used.filter((mark) => index(at, mark.start, shown) <= from && index(at, mark.end, shown) >= to);
    out.push({ text: shown.slice(from, to), marks: covering });
  }
  return out;
}

function index(at: ReadonlyMap<number, number>, byte: number, text: string): number {
  return at.get(byte) ?? text.length;
}

// Byte offsets of UTF-8 as indexes of the JavaScript string; offsets past the end are left out.
function charIndexes(text: string, wanted: ReadonlySet<number>): Map<number, number> {
  const out = new Map<number, number>();
  let bytes = 0;
  for (let i = 0; i <= text.length; i++) {
    if (wanted.has(bytes)) out.set(bytes, i);
    if (i === text.length) break;
    const code = text.codePointAt(i) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (code >= 0x10000) i++;
  }
  return out;
}

export function readTextVerdict(answer: unknown): TextVerdict {
  const root = record(answer);
  const marks: Mark[] = [];
  for (const item of list(root['passages'])) {
    const passage = record(item);
    const reasons = texts(passage['reasons']).map(reasonText).join(', ');
    marks.push({ start: number(passage['start']), end: number(passage['end']), kind: 'attack', label: reasons });
  }
  for (const item of list(root['entities'])) {
    const entity = record(item);
    marks.push({ start: number(entity['start']), end: number(entity['end']), kind: 'pii', label: text(entity['type']) });
  }
  return {
    score: typeof root['score'] === 'number' ? root['score'] : null,
    label: text(root['label']),
    reasons: texts(root['reasons']),
    marks,
    parts: answerFacts(root),
  };
}

function answerFacts(root: Record<string, unknown>): Fact[] {
  const out: Fact[] = [];
  if (root['quality'] !== undefined) {
    const quality = record(root['quality']);
    const score = number(quality['score']);
    out.push({ name: 'Quality', value: score.toFixed(2), bad: score < 0.6 });
    const costs = texts(quality['reasons']);
    if (costs.length > 0) out.push({ name: 'Costs it the most', value: costs.join(', '), bad: false });
  }
  if (root['grounding'] !== undefined) {
    const grounding = record(root['grounding']);
    if (grounding['measured'] === true) {
      const value = `${number(grounding['supported'])} of ${number(grounding['claims'])} claims are in the context`;
      out.push({ name: 'Grounding', value, bad: grounding['ungrounded'] === true });
    }
  }
  if (root['toxicity'] !== undefined) {
    const score = number(record(root['toxicity'])['score']);
    out.push({ name: 'Rudeness or harm', value: score.toFixed(2), bad: score >= 0.5 });
  }
  if (root['leak'] !== undefined) {
    const leak = record(root['leak']);
    const leaked = leak['leaked'] === true;
    out.push({ name: 'System prompt', value: leaked ? 'parts of it came out' : 'did not come out', bad: leaked });
  }
  return out;
}

export function readImageVerdict(answer: unknown): ImageVerdict {
  const root = record(answer);
  const facts: Fact[] = [{ name: 'Format', value: text(root['format']) || 'unknown', bad: false }];
  const width = number(root['width']);
  if (width > 0) facts.push({ name: 'Size', value: `${width} × ${number(root['height'])} pixels`, bad: false });
  if (number(root['frames']) > 1) facts.push({ name: 'Frames', value: String(number(root['frames'])), bad: false });
  facts.push({ name: 'Decoded', value: `${(number(root['decoded_bytes']) / 1e6).toFixed(1)} MB`, bad: false });
  if (root['decode'] !== undefined) {
    const decode = record(root['decode']);
    const state = text(decode['state']);
    const detail = text(decode['detail']);
    facts.push({ name: 'Decoder', value: detail === '' ? state : `${state}: ${detail}`, bad: state !== 'complete' });
    if (state === 'complete') {
      facts.push({ name: 'Pixel entropy', value: `${number(decode['pixel_entropy_bits']).toFixed(2)} bits`, bad: false });
    }
  }
  return {
    verdict: text(root['verdict']),
    kind: text(root['kind']),
    findings: list(root['reasons']).map((item) => {
      const finding = record(item);
      return { kind: text(finding['kind']), verdict: text(finding['verdict']), detail: text(finding['detail']) };
    }),
    facts,
    metadata: text(root['metadata_text']).trim(),
  };
}

export function verdictTone(word: string): 'bad' | 'warn' | 'good' | 'none' {
  if (word === 'injection' || word === 'malicious' || word === 'invalid') return 'bad';
  if (word === 'suspicious') return 'warn';
  return word === 'benign' || word === 'ok' ? 'good' : 'none';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
function texts(value: unknown): string[] {
  return list(value).filter((item) => typeof item === 'string');
}
function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
