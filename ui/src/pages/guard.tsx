// Paste a text or drop a picture and see what the guard makes of it, and why. What is pasted is hostile by profession: it
// is shown as text, never as markup; pictures are not shown at all, and nothing of it goes into the address.
import { useRef, useState, type DragEvent, type FormEvent } from 'react';
import { ApiError, postBytes, postJson } from '../api/client';
import {
  kShownCharsMax,
  readImageVerdict,
  readTextVerdict,
  reasonText,
  segmentsOf,
  verdictTone,
  type Fact,
  type ImageVerdict,
  type Segment,
  type TextVerdict,
} from '../model/guard';
import { Icon } from '../parts/icon';
import { ErrorState } from '../parts/states';

export function GuardPage() {
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Guard</h1>
      </div>
      <TextPanel />
      <ImagePanel />
    </>
  );
}

interface Judged {
  text: string;
  verdict: TextVerdict;
}

function TextPanel() {
  const [text, setText] = useState('');
  const [source, setSource] = useState('user');
  const [question, setQuestion] = useState('');
  const [context, setContext] = useState('');
  const [answer, setAnswer] = useState('');
  const [judged, setJudged] = useState<Judged | null>(null);
  const { busy, error, run } = useRun();

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const asked = answer === '' ? {} : { answer, question, context };
      const shown = text === '' ? answer : text;
      const body = { ...(text === '' ? {} : { text }), source, explain: true, ...asked };
      setJudged({ text: shown, verdict: readTextVerdict(await postJson<unknown>('/api/godseye/v1/inspect/text', body)) });
    });
  };
  return (
    <section className="panel stacked" aria-labelledby="guard-text-title">
      <h2 id="guard-text-title">Text</h2>
      <form className="guard-form" onSubmit={submit}>
        <label>
          Text to judge
          <textarea rows={6} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} />
        </label>
        <label className="guard-source">
          It comes from
          <select value={source} onChange={(event) => setSource(event.target.value)}>
            <option value="user">a user</option>
            <option value="document">a document that was retrieved</option>
            <option value="tool">the output of a tool</option>
          </select>
        </label>
        <details>
          <summary>Judge an answer as well</summary>
          <label>
            Question
            <textarea rows={2} value={question} onChange={(event) => setQuestion(event.target.value)} />
          </label>
          <label>
            Context the model was given
            <textarea rows={3} value={context} onChange={(event) => setContext(event.target.value)} />
          </label>
          <label>
            Answer
            <textarea rows={3} value={answer} onChange={(event) => setAnswer(event.target.value)} />
          </label>
        </details>
        <div>
          <button type="submit" disabled={busy || (text === '' && answer === '')}>
            {busy ? 'Inspecting…' : 'Inspect the text'}
          </button>
        </div>
      </form>
      {error && <ErrorState error={error} what="inspecting the text" />}
      {judged && !error && <TextResult judged={judged} />}
    </section>
  );
}

function TextResult({ judged }: { judged: Judged }) {
  const { verdict, text } = judged;
  return (
    <div className="guard-result" data-testid="text-verdict" role="status">
      {verdict.score !== null && (
        <p className="sentence">
          <Verdict word={verdict.label} /> score {verdict.score.toFixed(3)}
        </p>
      )}
      {verdict.reasons.length > 0 && (
        <ul className="guard-reasons">
          {verdict.reasons.map((reason) => (
            <li key={reason}>
              <code>{reason}</code> {reasonText(reason) === reason ? '' : reasonText(reason)}
            </li>
          ))}
        </ul>
      )}
      <Facts facts={verdict.parts} />
      <Marked segments={segmentsOf(text, verdict.marks)} />
      {text.length > kShownCharsMax && (
        <p className="muted note">Shown up to {kShownCharsMax.toLocaleString('en')} characters; all of it was inspected.</p>
      )}
    </div>
  );
}

// Each mark has a colour, a line style and a word in its title and for screen readers: none of them alone decides.
function Marked({ segments }: { segments: readonly Segment[] }) {
  return (
    <p className="guard-text" data-testid="marked-text">
      {segments.map((segment, i) => {
        if (segment.marks.length === 0) return <span key={i}>{segment.text}</span>;
        const kinds = [...new Set(segment.marks.map((mark) => `mark-${mark.kind}`))].join(' ');
        const labels = segment.marks.map((mark) => mark.label).join('; ');
        return (
          <mark key={i} className={kinds} title={labels}>
            {segment.text}
            <span className="visually-hidden"> ({labels})</span>
          </mark>
        );
      })}
    </p>
  );
}

function ImagePanel() {
  const [decode, setDecode] = useState(true);
  const [over, setOver] = useState(false);
  const [judged, setJudged] = useState<{ name: string; verdict: ImageVerdict } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useRun();

  const inspect = (file: File | undefined): void => {
    if (!file) return;
    run(async () => {
      const query = new URLSearchParams({ filename: file.name, ...(decode ? { decode: 'true' } : {}) });
      const type = file.type === '' ? 'application/octet-stream' : file.type;
      const answer = await postBytes<unknown>(`/api/godseye/v1/inspect/image?${query.toString()}`, file, type);
      setJudged({ name: file.name, verdict: readImageVerdict(answer) });
    });
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    inspect(event.dataTransfer.files[0]);
  };
  return (
    <section className="panel stacked" aria-labelledby="guard-image-title">
      <h2 id="guard-image-title">Picture</h2>
      <div
        className={`guard-drop ${over ? 'over' : ''}`}
        data-testid="drop"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>Drop a picture here, or</p>
        <label>
          Choose a file
          <input
            ref={input}
            type="file"
            onChange={(event) => {
              inspect(event.target.files?.[0]);
              event.target.value = ''; // choosing the same file again inspects it again
            }}
          />
        </label>
        <label className="guard-check">
          <input type="checkbox" checked={decode} onChange={(event) => setDecode(event.target.checked)} />
          also decode its pixels, in a sandbox
        </label>
      </div>
      {busy && <p className="muted">Inspecting…</p>}
      {error && <ErrorState error={error} what="inspecting the picture" />}
      {judged && !error && !busy && <ImageResult name={judged.name} verdict={judged.verdict} />}
    </section>
  );
}

function ImageResult({ name, verdict }: { name: string; verdict: ImageVerdict }) {
  return (
    <div className="guard-result" data-testid="image-verdict" role="status">
      <p className="sentence">
        <Verdict word={verdict.verdict} /> <span className="wrap-anywhere">{name}</span>
      </p>
      {verdict.findings.length > 0 && (
        <ul className="guard-reasons">
          {verdict.findings.map((finding) => (
            <li key={finding.kind}>
              <code>{finding.kind}</code> {finding.detail}
            </li>
          ))}
        </ul>
      )}
      <Facts facts={verdict.facts} />
      {verdict.metadata !== '' && (
        <>
          <h3>Text in its metadata</h3>
          <p className="guard-text">{verdict.metadata.slice(0, kShownCharsMax)}</p>
        </>
      )}
      <p className="muted note">The picture itself is not shown: it was not made to be trusted.</p>
    </div>
  );
}

function Verdict({ word }: { word: string }) {
  const tone = verdictTone(word);
  const icon = { bad: 'alert', warn: 'warn', good: 'ok', none: 'unknown' } as const;
  return (
    <span className={`badge badge-${tone}`}>
      <Icon name={icon[tone]} />
      {word === '' ? 'unknown' : word}
    </span>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd className={fact.bad ? 'lost' : ''}>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

// One request at a time; its error is shown until the next one.
function useRun(): { busy: boolean; error: ApiError | null; run: (work: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = (work: () => Promise<void>): void => {
    if (busy) return;
    setBusy(true);
    setError(null);
    work()
      .catch((thrown: unknown) => {
        setError(thrown instanceof ApiError ? thrown : new ApiError('unreadable', 0, [String(thrown)]));
      })
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}
