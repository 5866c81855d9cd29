// What a model was asked and what it answered, readable: roles, text, tool calls, documents; then what it cost and how it
// was judged.
import { formatCount, formatMoney } from '../model/format';
import { isEmptyIo, plain, readIo, type ChatMessage, type Document, type Io, type Part } from '../model/llm_io';
import { asText } from '../model/json';
import { labelText, prettyJson } from '../model/plain_text';
import { priceText, readScores, tokenRows, totalTokens, type Score } from '../model/scores';
import type { LlmSpan } from '../model/span';
import { CopyButton, Label, LongText } from './plain';

const kSystemFirst = 600; // system prompts repeat in every span: their beginning is enough to recognise them

const kRoleNames: Readonly<Record<string, string>> = {
  system: 'System',
  developer: 'Developer',
  user: 'User',
  assistant: 'Assistant',
  model: 'Assistant',
  tool: 'Tool',
  function: 'Tool',
  reasoning: 'Reasoning',
};

export function roleClass(role: string): string {
  const name = kRoleNames[role];
  return name === undefined ? 'other' : name.toLowerCase();
}

export function MessageList({ messages, empty }: { messages: readonly ChatMessage[]; empty?: string }) {
  if (messages.length === 0) return empty === undefined ? null : <p className="muted">{empty}</p>;
  return (
    <ol className="chat">
      {messages.map((message, i) => (
        <ChatTurn key={i} message={message} />
      ))}
    </ol>
  );
}

export function ChatTurn({ message, children }: { message: ChatMessage; children?: React.ReactNode }) {
  const { role, parts } = message;
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n').trim();
  return (
    <li className={`chat-message role-${roleClass(role)}`}>
      <div className="chat-head">
        <span className="chat-role">{kRoleNames[role] ?? (role === '' ? 'No role' : labelText(role, 40))}</span>
        {text !== '' && <CopyButton text={text} what="the message" />}
      </div>
      {parts.length === 0 && <p className="muted">No content.</p>}
      {parts.map((part, i) => (
        <PartView key={i} part={part} first={roleClass(role) === 'system' ? kSystemFirst : undefined} />
      ))}
      {children}
    </li>
  );
}

function PartView({ part, first }: { part: Part; first: number | undefined }) {
  switch (part.kind) {
    case 'text':
      return <LongText text={part.text} first={first} />;
    case 'call':
      return (
        <div className="tool">
          <p className="tool-head">
            Calls <code>{labelText(part.name || 'a tool without a name', 80)}</code>
            {part.id !== '' && (
              <span className="muted">
                {' '}
                <Label text={part.id} max={60} />
              </span>
            )}
          </p>
          {part.arguments !== '' && part.arguments !== '{}' && <LongText text={part.arguments} code first={1500} />}
        </div>
      );
    case 'result':
      return (
        <div className="tool">
          <p className="tool-head">
            Result {part.name !== '' && <code>{labelText(part.name, 80)}</code>}
            {part.id !== '' && (
              <span className="muted">
                {' '}
                <Label text={part.id} max={60} />
              </span>
            )}
          </p>
          <LongText text={prettyJson(part.text)} code first={1500} />
        </div>
      );
    case 'media':
      return <p className="muted">{labelText(part.label)}</p>;
  }
}

function DocumentList({ documents }: { documents: readonly Document[] }) {
  return (
    <ol className="documents">
      {documents.map((document, i) => (
        <li key={i}>
          <p className="tool-head">
            <Label text={document.name || document.id || `Document ${i + 1}`} />
            {document.score !== null && <span className="muted"> score {document.score.toFixed(2)}</span>}
          </p>
          <LongText text={document.text} first={600} />
        </li>
      ))}
    </ol>
  );
}

export function IoView({ io, title }: { io: Io; title: string }) {
  if (isEmptyIo(io)) return null;
  return (
    <section className="io">
      <h3>{title}</h3>
      <MessageList messages={io.messages} />
      {io.documents.length > 0 && <DocumentList documents={io.documents} />}
      {io.value !== null && <LongText text={prettyJson(io.value)} code={/^\s*[[{]/.test(io.value)} />}
      {io.parameters.length > 0 && (
        <p className="muted parameters">
          {io.parameters.map(([name, value]) => (
            <span key={name}>
              <Label text={`${name} ${value}`} max={100} />
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

export function ScoreList({ scores, reasons }: { scores: readonly Score[]; reasons: readonly string[] }) {
  if (scores.length === 0 && reasons.length === 0) return null;
  const loud = scores.filter((score) => score.tone === 'bad' || score.tone === 'warn');
  const calm = scores.filter((score) => !loud.includes(score));
  return (
    <div className="scores" data-testid="scores">
      <ul>
        {loud.map((score) => (
          <li key={score.key} className={`score score-${score.tone}`}>
            <span className="score-label">{labelText(score.label, 60)}</span>
            <span className="score-bar" aria-hidden="true">
              {score.fraction !== null && <span style={{ width: `${Math.round(score.fraction * 100)}%` }} />}
            </span>
            <strong>{score.text}</strong>
            <span className="score-verdict">{score.verdict}</span>
          </li>
        ))}
      </ul>
      {calm.length > 0 && (
        <ul className="scores-calm">
          {calm.map((score) => (
            <li key={score.key}>
              <span className="muted">{labelText(score.label, 60)}</span> <strong>{score.text}</strong>
              {score.verdict !== '' && <span className={`tone-${score.tone}`}> {score.verdict}</span>}
            </li>
          ))}
        </ul>
      )}
      {reasons.length > 0 && (
        <div className="reasons">
          <p className="muted">Why</p>
          <ul>
            {reasons.slice(0, 50).map((reason, i) => (
              <li key={i}>
                <Label text={reason} max={400} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

// Tokens by class, adding up to the total; the money and where its price came from.
export function CostTable({ llm }: { llm: LlmSpan }) {
  const rows = tokenRows(llm.tokens);
  const total = totalTokens(llm.tokens);
  if (total === null && llm.cost_usd === null && llm.price === '') return null;
  const most = Math.max(1, ...rows.map((row) => row.tokens));
  return (
    <div className="cost io" data-testid="cost">
      <h3>Tokens and cost</h3>
      <table className="table cost-table">
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row">
                {row.label}
                {row.note !== '' && <small>{row.note}</small>}
              </th>
              <td className="cost-bar" aria-hidden="true">
                <span style={{ width: `${(100 * row.tokens) / most}%` }} />
              </td>
              <td className="num">{formatCount(row.tokens)}</td>
            </tr>
          ))}
          <tr className="cost-total">
            <th scope="row">Tokens in all</th>
            <td aria-hidden="true" />
            <td className="num">{total === null ? '–' : formatCount(total)}</td>
          </tr>
        </tbody>
      </table>
      <p className="cost-line">
        <strong className={llm.cost_usd === null && llm.price === 'unknown' ? 'tone-warn' : ''}>
          {llm.cost_usd === null ? (llm.price === 'unknown' ? 'Cost unknown' : 'No cost') : formatMoney(llm.cost_usd)}
        </strong>
        {llm.input_cost_usd !== null && llm.output_cost_usd !== null && (
          <span className="muted">
            {' '}
            ({formatMoney(llm.input_cost_usd)} in, {formatMoney(llm.output_cost_usd)} out)
          </span>
        )}
        <span className="muted cost-price">
          <Label text={priceText(llm.price, llm.response_model || llm.model)} />
        </span>
      </p>
      {!llm.counted && (
        <p className="notice notice-warn">Not counted: another span of this call carries its tokens and its money.</p>
      )}
    </div>
  );
}

export function LlmView({ llm }: { llm: LlmSpan }) {
  const input = readIo(llm.input);
  const output = readIo(llm.output);
  const expected = readIo(llm.expected_output);
  const scores = readScores(llm.scores);
  const tokens = totalTokens(llm.tokens);
  const silent = isEmptyIo(input) && isEmptyIo(output);
  return (
    <div className="llm" data-testid="llm">
      <dl className="strip">
        <Fact name="Kind" value={llm.kind} />
        <Fact name="Model" value={llm.model} />
        {llm.response_model !== llm.model && <Fact name="Answered by" value={llm.response_model} />}
        <Fact name="Provider" value={llm.provider} />
        {tokens !== null && <Fact name="Tokens" value={formatCount(tokens)} />}
        {llm.cost_usd !== null ? <Fact name="Cost" value={formatMoney(llm.cost_usd)} /> : llm.price === 'unknown' && <Fact name="Cost" value="unknown" />}
        <Fact name="Application" value={llm.ml_app} />
        <Fact name="Finished" value={llm.finish_reason} />
        {llm.time_to_first_token_s !== null && <Fact name="First token" value={`${llm.time_to_first_token_s.toFixed(2)} s`} />}
        <Fact name="Prompt" value={[asText(llm.prompt['id']), asText(llm.prompt['version'])].filter((t) => t !== '').join(' ')} />
        <Fact name="Scored by" value={scores.length > 0 ? llm.scored_by : ''} />
      </dl>
      <ScoreList scores={scores} reasons={llm.reasons} />
      <IoView io={input} title="Input" />
      <IoView io={output} title="Output" />
      <IoView io={expected} title="Expected output" />
      {silent && <p className="muted">Neither input nor output was stored. Text may be switched off for this application.</p>}
      <CostTable llm={llm} />
      {llm.cut.length > 0 && <p className="notice notice-warn">Cut when it was stored: {labelText(llm.cut.join(', '))}.</p>}
      <Evaluations list={llm.evaluations} />
      {llm.tools.length > 0 && <Folded title={`Tool definitions (${llm.tools.length})`} text={plain(llm.tools)} />}
      {Object.keys(llm.metadata).length > 0 && <Folded title="Metadata" text={plain(llm.metadata)} />}
      {Object.keys(llm.prompt).length > 0 && <Folded title="Prompt template" text={plain(llm.prompt)} />}
    </div>
  );
}

function Evaluations({ list }: { list: LlmSpan['evaluations'] }) {
  if (list.length === 0) return null;
  return (
    <section className="io">
      <h3>Evaluations</h3>
      <ul className="evaluations">
        {list.slice(0, 100).map((one, i) => {
          const value = asText(one['value']) || asText(one['score']);
          const assessment = asText(one['assessment']);
          return (
            <li key={i}>
              <strong>
                <Label text={asText(one['label']) || 'evaluation'} max={80} />
              </strong>{' '}
              <Label text={value} />
              {assessment !== '' && <span className={assessment === 'fail' ? 'tone-bad' : ''}> {labelText(assessment, 20)}</span>}
              {asText(one['reasoning']) !== '' && <LongText text={asText(one['reasoning'])} first={400} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Folded({ title, text }: { title: string; text: string }) {
  return (
    <details className="folded">
      <summary>{title}</summary>
      <LongText text={text} code />
    </details>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  if (value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Label text={value} max={120} />
      </dd>
    </div>
  );
}
