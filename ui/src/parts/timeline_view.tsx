// What happened to an incident or a case, oldest first, and the form that adds a comment.
import { useId, useState, type FormEvent } from 'react';
import { readAuthor, saveAuthor } from '../api/author';
import { ApiError } from '../api/client';
import { readState } from '../model/monitors';
import { readTimeline, type TimelineEntry } from '../model/timeline';
import { StateBadge, stateClass } from './badge';
import { Message } from './message';
import { Label } from './plain';
import { EmptyState } from './states';
import { TimeText } from './time_text';

function tone(entry: TimelineEntry): string {
  if (entry.to !== '') return stateClass(readState(entry.to));
  return entry.kind === 'delivery' || entry.kind === 'comment' ? 'told' : 'none';
}

export function TimelineView({ answer }: { answer: unknown }) {
  const entries = readTimeline(answer);
  if (entries.length === 0) return <EmptyState title="Nothing has been written down yet" />;
  return (
    <ol className="timeline" data-testid="timeline">
      {entries.map((entry) => (
        <li key={entry.key} className={`timeline-${tone(entry)}`}>
          <span className="timeline-time">
            <TimeText time_s={entry.time_s} form="clock" />
          </span>
          <div className="timeline-body">
            <span className="timeline-kind">
              {entry.kind}
              {entry.author !== '' && (
                <span className="muted">
                  {' by '}
                  <Label text={entry.author} max={100} />
                </span>
              )}
              {entry.to !== '' && (
                <span className="timeline-states">
                  {entry.from !== '' && <StateBadge state={entry.from} />} → <StateBadge state={entry.to} />
                </span>
              )}
            </span>
            {entry.text !== '' && <Message text={entry.text} />}
          </div>
        </li>
      ))}
    </ol>
  );
}

const kCommentMax = 30_000;

export function CommentForm({ send, onDone }: { send: (text: string) => Promise<unknown>; onDone: () => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const [author, setAuthor] = useState(readAuthor);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saveAuthor(author);
    setBusy(true);
    setError('');
    send(text).then(
      () => {
        setBusy(false);
        setText('');
        onDone();
      },
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="comment-form" onSubmit={submit} data-testid="comment-form">
      <label htmlFor={`${id}-text`}>
        Comment
        <textarea id={`${id}-text`} rows={3} required maxLength={kCommentMax} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <div className="comment-send">
        <label htmlFor={`${id}-author`}>
          Your name
          <input id={`${id}-author`} type="text" maxLength={100} autoComplete="off" value={author} onChange={(event) => setAuthor(event.target.value)} />
        </label>
        <button type="submit" disabled={busy || text.trim() === ''}>
          {busy ? 'Sending…' : 'Add comment'}
        </button>
      </div>
      {error !== '' && (
        <p className="problem" role="alert">
          Not sent: {error}
        </p>
      )}
    </form>
  );
}
