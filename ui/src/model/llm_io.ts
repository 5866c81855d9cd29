// What went into and came out of a model, as messages a person can read: roles, text, tool calls, tool results,
// documents. Input is whatever an application sent, so every field may be missing or of another type.
import { asList, asNumber, asObject, asText, parsedJson, type Json } from './json';

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'call'; name: string; arguments: string; id: string }
  | { kind: 'result'; name: string; text: string; id: string }
  | { kind: 'media'; label: string };

export interface ChatMessage {
  role: string; // lower case; '' when not said
  parts: Part[];
}

export interface Document {
  name: string;
  id: string;
  score: number | null;
  text: string;
}

export interface Io {
  messages: ChatMessage[];
  documents: Document[];
  value: string | null; // of kinds that have no messages
  parameters: [name: string, value: string][];
}

export const kMessagesMax = 500;

export function readIo(sent: unknown): Io {
  const value = parsedJson(sent);
  const io: Io = { messages: [], documents: [], value: null, parameters: [] };
  if (value === undefined || value === null || value === '') return io;
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(looksLikeMessage)) io.messages = value.map(readMessage);
    else io.value = plain(value);
    return io;
  }
  if (typeof value !== 'object') {
    io.value = asText(value);
    return io;
  }
  const raw = value as Json;
  io.messages = asList(parsedJson(raw['messages'])).slice(0, kMessagesMax).map(readMessage);
  io.documents = asList(parsedJson(raw['documents'])).slice(0, kMessagesMax).map(readDocument);
  io.parameters = Object.entries(asObject(raw['parameters'])).map(([name, v]) => [name, plain(v)]);
  // The value of an LLM span repeats its last message: shown only where there is no message.
  if (raw['value'] !== undefined && io.messages.length === 0) io.value = plain(raw['value']);
  const known = io.messages.length + io.documents.length > 0 || raw['value'] !== undefined;
  if (!known) {
    if (looksLikeMessage(raw)) io.messages = [readMessage(raw)];
    else if (Object.keys(raw).some((name) => name !== 'parameters' && name !== 'prompt')) io.value = plain(raw);
  }
  return io;
}

export function isEmptyIo(io: Io): boolean {
  return io.messages.length === 0 && io.documents.length === 0 && io.value === null && io.parameters.length === 0;
}

function looksLikeMessage(value: unknown): boolean {
  const raw = asObject(value);
  return 'role' in raw || ('content' in raw && Object.keys(raw).length <= 3) || 'tool_calls' in raw;
}

export function readMessage(value: unknown): ChatMessage {
  if (typeof value === 'string') return { role: '', parts: [{ kind: 'text', text: value }] };
  const raw = asObject(value);
  const parts: Part[] = contentParts(raw['content'] ?? raw['text'] ?? raw['parts']);
  for (const call of asList(parsedJson(raw['tool_calls']))) parts.push(readCall(asObject(call)));
  for (const result of asList(parsedJson(raw['tool_results']))) {
    const one = asObject(result);
    parts.push({ kind: 'result', name: asText(one['name']), text: plain(one['result'] ?? one['content']), id: asText(one['tool_id'] ?? one['id']) });
  }
  for (const [field, word] of [['image_parts', 'image'], ['audio_parts', 'audio']] as const) {
    for (const media of asList(raw[field])) parts.push(readMedia(asObject(media), word));
  }
  return { role: asText(raw['role']).toLowerCase(), parts };
}

// Text, or a list of typed parts as several providers have it.
function contentParts(content: unknown): Part[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [{ kind: 'text', text: plain(content) }];
  return content.map((part): Part => {
    const raw = asObject(part);
    const type = asText(raw['type']);
    if (typeof part === 'string') return { kind: 'text', text: part };
    if (typeof raw['text'] === 'string') return { kind: 'text', text: raw['text'] };
    if (/tool_use|function_call|tool_call/.test(type) || 'functionCall' in raw) return readCall(asObject(raw['functionCall'] ?? raw));
    if (/tool_result|function_response/.test(type)) {
      return { kind: 'result', name: asText(raw['name']), text: plain(raw['content'] ?? raw['result']), id: asText(raw['tool_use_id'] ?? raw['id']) };
    }
    if (/image|audio|file|video/.test(type)) return readMedia(raw, type.replace(/_.*$/, ''));
    return { kind: 'text', text: plain(part) };
  });
}

function readCall(raw: Json): Part {
  const inner = asObject(raw['function']);
  const given = raw['arguments'] ?? raw['input'] ?? raw['args'] ?? inner['arguments'];
  return {
    kind: 'call',
    name: asText(raw['name'] ?? inner['name']),
    arguments: given === undefined ? '' : plain(parsedJson(given)),
    id: asText(raw['tool_id'] ?? raw['id']),
  };
}

// Images and sound are named, not shown: what a stranger sent is not opened in the browser of whoever is on call.
function readMedia(raw: Json, word: string): Part {
  const mime = asText(raw['mime_type'] ?? raw['media_type']);
  const bytes = asText(raw['content'] ?? raw['data']).length;
  return { kind: 'media', label: `${word}${mime === '' ? '' : ` ${mime}`}${bytes > 0 ? `, ${bytes} characters of base64` : ''} (not shown)` };
}

function readDocument(value: unknown): Document {
  if (typeof value === 'string') return { name: '', id: '', score: null, text: value };
  const raw = asObject(value);
  return { name: asText(raw['name']), id: asText(raw['id']), score: asNumber(raw['score']), text: plain(raw['text'] ?? raw['content'] ?? '') };
}

// Any value as text: what is text stays as it is, the rest is indented JSON.
export function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return JSON.stringify(value, null, 2);
  return String(value);
}
