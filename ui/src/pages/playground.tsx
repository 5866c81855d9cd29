// Ask a model through the gateway, as an application would, and see what the gateway makes of it. What is written here is
// not put into the address: it may be private, and is often an attack on purpose.
import { useEffect, useId, useMemo, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { ask } from '../api/playground';
import { useResource } from '../api/resource';
import { formatCount, formatMoney, formatNs } from '../model/format';
import { readCall, readGatewayInfo, type GatewayInfo } from '../model/gateway';
import { kAskCharsMax, kNoAnswer, type Answer } from '../model/playground';
import { scoreOf } from '../model/scores';
import { callPath, idSegment, tracePath } from '../model/spans_url';
import { Feedback } from '../parts/feedback';
import { Fact } from '../parts/llm_view';
import { Label, LongText } from '../parts/plain';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { ReasonList, VerdictBadge } from '../parts/verdict';
import { Link } from '../router';

const kShowEvery_ms = 80; // an answer streams hundreds of pieces a second

export function PlaygroundPage() {
  const info = useResource<unknown>('/api/godseye/v1/gateway');
  const gateway = useMemo(() => (info.data === null ? null : readGatewayInfo(info.data)), [info.data]);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Playground</h1>
        {gateway?.running && (
          <span className="muted">
            through the gateway at <Label text={gateway.address} max={80} />
          </span>
        )}
      </div>
      {gateway ? (
        gateway.running && gateway.playground ? (
          <Bench gateway={gateway} />
        ) : (
          <EmptyState title={gateway.running ? 'The playground is switched off' : 'No gateway runs in this server'}>
            {gateway.running ? (
              'This server does not relay to its gateway.'
            ) : (
              <>
                Start one with <code>godseye serve --gateway 127.0.0.1:8081 --provider NAME=URL</code>.
              </>
            )}
          </EmptyState>
        )
      ) : info.error ? (
        <ErrorState error={info.error} what="asking for the gateway" retry={info.reload} />
      ) : (
        <Loading what="the gateway" />
      )}
    </>
  );
}

function Bench({ gateway }: { gateway: GatewayInfo }) {
  const id = useId();
  const [provider, setProvider] = useState(gateway.providers[0]?.name ?? '');
  const [model, setModel] = useState(gateway.providers[0]?.models[0] ?? '');
  const [system, setSystem] = useState('');
  const [text, setText] = useState('');
  const [key, setKey] = useState('');
  const [session] = useState(() => `playground-${Math.random().toString(36).slice(2, 10)}`);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const known = gateway.providers.find((one) => one.name === provider)?.models ?? [];

  const send = (): void => {
    if (busy || text.trim() === '' || model.trim() === '') return;
    const controller = new AbortController();
    running.current = controller;
    let shown_ms = 0;
    setBusy(true);
    setAnswer(kNoAnswer);
    void ask({ provider, model: model.trim(), system, text, key: key.trim(), session }, controller.signal, (partly) => {
      const now_ms = performance.now();
      if (now_ms - shown_ms < kShowEvery_ms) return;
      shown_ms = now_ms;
      setAnswer(partly);
    }).then((done) => {
      setAnswer(done);
      setBusy(false);
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
  };
  return (
    <>
      <section className="panel" aria-label="Question">
        <form
          className="guard-form play-form"
          onKeyDown={onKey}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            send();
          }}
        >
          <div className="play-choice">
            <label>
              Provider
              <select value={provider} onChange={(event) => setProvider(event.target.value)}>
                {gateway.providers.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.name}
                  </option>
                ))}
              </select>
            </label>
            <label className="grow">
              Model
              <input type="text" list={`${id}-models`} value={model} maxLength={200} autoComplete="off" spellCheck={false} placeholder="gpt-4o-mini" onChange={(event) => setModel(event.target.value)} />
              <datalist id={`${id}-models`}>
                {known.slice(0, 100).map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </label>
          </div>
          <details>
            <summary>System prompt and key</summary>
            <label>
              System prompt
              <textarea rows={3} maxLength={kAskCharsMax} value={system} onChange={(event) => setSystem(event.target.value)} />
            </label>
            <label>
              Virtual key, if the gateway asks for one
              <input type="password" maxLength={300} autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />
            </label>
          </details>
          <label>
            What you say
            <textarea rows={5} maxLength={kAskCharsMax} value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <div className="actions">
            <button type="submit" className="primary" disabled={busy || text.trim() === '' || model.trim() === ''}>
              {busy ? 'Asking…' : 'Ask'}
            </button>
            {busy && (
              <button type="button" onClick={() => running.current?.abort()}>
                Stop
              </button>
            )}
            <span className="muted">Ctrl+Enter asks. Session {session}. Real providers cost real money.</span>
          </div>
        </form>
      </section>
      {answer && <AnswerPanel answer={answer} busy={busy} />}
      {answer && !busy && answer.call_id !== '' && <JudgedPanel key={answer.call_id} call_id={answer.call_id} />}
    </>
  );
}

function AnswerPanel({ answer, busy }: { answer: Answer; busy: boolean }) {
  return (
    <section className="panel" aria-label="Answer" aria-busy={busy} data-testid="answer">
      <h2>Answer</h2>
      {answer.error !== '' && (
        <div className="notice notice-bad" role="alert">
          <strong>{answer.code === 'godseye_blocked' ? 'The gateway refused it' : answer.status >= 400 ? `Failed with ${answer.status}` : 'Failed'}</strong>
          <LongText text={answer.error} first={1000} />
        </div>
      )}
      {answer.reasoning !== '' && (
        <details className="folded">
          <summary>Reasoning</summary>
          <LongText text={answer.reasoning} />
        </details>
      )}
      {answer.text !== '' ? (
        <LongText text={answer.text} first={20_000} />
      ) : (
        answer.error === '' && <p className="muted">{busy ? 'Waiting for the first word…' : 'The answer is empty.'}</p>
      )}
      {answer.cut && <p className="muted note">The answer is longer; the rest is not kept here.</p>}
      <dl className="strip">
        <Fact name="Status" value={answer.status === 0 ? '' : String(answer.status)} />
        <Fact name="Finished" value={answer.finish} />
        <Fact name="Tokens in" value={answer.input_tokens === null ? '' : formatCount(answer.input_tokens)} />
        <Fact name="Tokens out" value={answer.output_tokens === null ? '' : formatCount(answer.output_tokens)} />
        <Fact name="Call" value={answer.call_id} />
      </dl>
    </section>
  );
}

const kPoll_ms = 1000;

// The call is remembered a moment after it ends.
function JudgedPanel({ call_id }: { call_id: string }) {
  const [found, setFound] = useState(false);
  const answer = useResource<unknown>(`/api/godseye/v1/gateway/calls/${idSegment(call_id)}`, { poll_ms: kPoll_ms, paused: found });
  const call = useMemo(() => (answer.data === null ? null : readCall(answer.data)), [answer.data]);
  if (call && !found) setFound(true);
  if (!call) {
    return answer.error && answer.error.kind !== 'missing' ? (
      <ErrorState error={answer.error} what="loading what the gateway decided" retry={answer.reload} />
    ) : (
      <p className="muted" role="status">
        Waiting for what the gateway noted…
      </p>
    );
  }
  const injection = call.injection === null ? null : scoreOf('injection', call.injection);
  return (
    <section className="panel" aria-label="What the gateway decided" data-testid="judged">
      <h2>What the gateway decided</h2>
      <p className="sentence">
        <VerdictBadge verdict={call.verdict} />
      </p>
      <ReasonList reasons={call.reasons} />
      <dl className="strip">
        {injection && <Fact name="Prompt injection" value={`${injection.text} ${injection.verdict}`} />}
        {call.quality !== null && <Fact name="Quality" value={call.quality.toFixed(2)} />}
        {call.pii_count !== null && <Fact name="Personal data" value={formatCount(call.pii_count)} />}
        <Fact name="Cost" value={call.cost_usd === null ? 'unknown' : formatMoney(call.cost_usd)} />
        <Fact name="Took" value={call.duration_ms === null ? '' : formatNs(call.duration_ms * 1e6)} />
        <Fact name="First token" value={call.ttft_ms === null ? '' : formatNs(call.ttft_ms * 1e6)} />
      </dl>
      <p className="span-links">
        <Link to={callPath(call_id)}>The whole call</Link>
        {call.trace_id !== '' && <Link to={tracePath(call.trace_id, call.span_id)}>Trace</Link>}
        {call.verdict !== 'observe' && <Feedback call_id={call_id} session={call.session} />}
      </p>
    </section>
  );
}
