// The playground's conversation with the gateway: what is asked, and the answer read while it arrives. The server relays
// the gateway's answer byte for byte inside events, so what is read here is OpenAI's stream as a client would see it.
import { EventParser } from '../api/sse';
import { asList, asNumber, asObject, asText } from './json';

export interface Ask {
  provider: string;
  model: string;
  system: string;
  text: string;
  key: string; // a virtual key, or ''
  session: string;
}

export const kAskCharsMax = 100_000;
export const kAnswerCharsMax = 1_000_000;

export interface Answer {
  state: 'waiting' | 'streaming' | 'done' | 'failed';
  status: number;
  call_id: string;
  text: string;
  reasoning: string;
  finish: string;
  input_tokens: number | null;
  output_tokens: number | null;
  error: string; // of the gateway or the provider
  code: string; // of the error: godseye_blocked
  cut: boolean; // longer than is kept
}

export const kNoAnswer: Answer = {
  state: 'waiting', status: 0, call_id: '', text: '', reasoning: '', finish: '', input_tokens: null, output_tokens: null, error: '',
  code: '', cut: false,
};

// Feed it the relay's events in order; `answer` is what is known so far.
export class AnswerReader {
  private readonly inner = new EventParser();
  private plain = ''; // a body that is no stream: an error, or an answer in one piece
  private streamed = false;
  answer: Answer = kNoAnswer;

  event(name: string, data: string): void {
    if (name === 'head') {
      const head = asObject(parse(data));
      this.streamed = asText(head['content_type']).includes('event-stream');
      this.set({ status: asNumber(head['status']) ?? 0, call_id: asText(head['call_id']), state: 'streaming' });
    } else if (name === 'body') {
      const text = asText(parse(data));
      if (!this.streamed) this.plain = (this.plain + text).slice(0, kAnswerCharsMax);
      else for (const one of this.inner.feed(text)) this.chunk(one.data);
    } else if (name === 'end') {
      if (!this.streamed) this.whole();
      if (this.answer.state !== 'failed') this.set({ state: this.answer.status >= 400 || this.answer.error !== '' ? 'failed' : 'done' });
    } else if (name === 'failed') {
      this.set({ state: 'failed', error: asText(asObject(parse(data))['error']) || 'The gateway could not be reached.' });
    }
  }

  // The relay's own stream ended without saying so.
  broken(): void {
    if (this.answer.state === 'done' || this.answer.state === 'failed') return;
    this.set({ state: 'failed', error: this.answer.error || 'The answer broke off.' });
  }

  private set(change: Partial<Answer>): void {
    this.answer = { ...this.answer, ...change };
  }

  private chunk(data: string): void {
    if (data.trim() === '[DONE]') return;
    this.read(asObject(parse(data)));
  }

  private whole(): void {
    const root = parse(this.plain);
    if (root !== null) this.read(asObject(root));
    else if (this.answer.status >= 400) this.set({ error: this.plain.slice(0, 2000) });
  }

  private read(root: Record<string, unknown>): void {
    const error = root['error'];
    if (error !== undefined && error !== null) {
      const one = asObject(error);
      this.set({ error: asText(one['message']) || asText(error) || 'It failed without a reason.', code: asText(one['code'] ?? one['type']) });
    }
    for (const choice of asList(root['choices']).map(asObject)) {
      const part = asObject(choice['delta'] ?? choice['message']);
      this.add('text', asText(part['content']) || asText(part['refusal']));
      this.add('reasoning', asText(part['reasoning_content'] ?? part['reasoning']));
      const finish = asText(choice['finish_reason']);
      if (finish !== '') this.set({ finish });
    }
    const usage = asObject(root['usage']);
    const input = asNumber(usage['prompt_tokens']);
    const output = asNumber(usage['completion_tokens']);
    if (input !== null) this.set({ input_tokens: input });
    if (output !== null) this.set({ output_tokens: output });
  }

  private add(where: 'text' | 'reasoning', more: string): void {
    if (more === '') return;
    const text = this.answer[where] + more;
    this.set({ [where]: text.slice(0, kAnswerCharsMax), ...(text.length > kAnswerCharsMax ? { cut: true } : {}) });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
