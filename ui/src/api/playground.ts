// One question to the gateway, relayed by the API server: the page's policy forbids talking to another origin, the gateway
// needs no CORS, and who may use the pages may use this.
import { AnswerReader, type Answer, type Ask } from '../model/playground';
import { ApiError, streamPost } from './client';
import { EventParser } from './sse';

export async function ask(question: Ask, signal: AbortSignal, show: (answer: Answer) => void): Promise<Answer> {
  const reader = new AnswerReader();
  const parser = new EventParser();
  try {
    for await (const text of streamPost('/api/godseye/v1/gateway/playground', question, signal)) {
      for (const event of parser.feed(text)) reader.event(event.event, event.data);
      show(reader.answer);
    }
    reader.broken();
  } catch (error) {
    if (signal.aborted) {
      reader.broken();
      return { ...reader.answer, error: 'Stopped.' };
    }
    const known = error instanceof ApiError ? error.messages.join('; ') || error.message : 'The server does not answer.';
    reader.event('failed', JSON.stringify({ error: known }));
  }
  return reader.answer;
}
