// Spans as rows; each leads to its trace with the span chosen.
import { useNow } from '../api/resource';
import { formatClock, formatMoney, formatNs, formatUtc, formatValue } from '../model/format';
import { labelText } from '../model/plain_text';
import { readScores, totalTokens } from '../model/scores';
import { spanTitle, type Span } from '../model/span';
import { tracePath } from '../model/spans_url';
import { Link, navigate } from '../router';
import { Icon } from './icon';
import { Label } from './plain';

export function SpanTable({ spans }: { spans: readonly Span[] }) {
  const now_s = useNow(30_000);
  const longest = Math.max(1, ...spans.map((span) => span.duration_ns));
  return (
    <table className="table span-table" data-testid="spans">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Service</th>
          <th scope="col">What</th>
          <th scope="col" className="num">
            Duration
          </th>
        </tr>
      </thead>
      <tbody>
        {spans.map((span) => {
          const to = tracePath(span.trace_id, span.span_id);
          const time_s = span.start_ns / 1e9;
          return (
            <tr key={`${span.trace_id}/${span.span_id}`} className={span.error ? 'failed' : ''} onClick={(event) => follow(event, to)}>
              <td className="span-time">
                <time dateTime={new Date(time_s * 1000).toISOString()} title={formatUtc(time_s)}>
                  {formatClock(time_s, now_s)}
                </time>
              </td>
              <td className="span-service">
                <Label text={span.service} max={60} />
              </td>
              <td className="span-what">
                <Link to={to} className="span-title">
                  {span.error && <Icon name="alert" className="tone-bad" />}
                  <Label text={spanTitle(span) || 'unnamed'} />
                </Link>
                <small>
                  {spanTitle(span) !== span.name && <Label text={span.name} max={80} />}
                  {span.error && <strong className="tone-bad"> failed</strong>}
                  <LlmFacts span={span} />
                </small>
              </td>
              <td className="num span-duration">
                {formatNs(span.duration_ns)}
                <span className="duration-bar" aria-hidden="true">
                  <span style={{ width: `${Math.max(1, (100 * span.duration_ns) / longest)}%` }} />
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function LlmFacts({ span }: { span: Span }) {
  const llm = span.llm;
  if (!llm) return null;
  const tokens = totalTokens(llm.tokens);
  const injection = readScores(llm.scores).find((score) => score.key === 'injection');
  return (
    <span className="llm-facts">
      <span className="tag">{labelText(llm.kind || 'llm', 20)}</span>
      {llm.model !== '' && <Label text={llm.model} max={60} />}
      {tokens !== null && tokens > 0 && <span>{formatValue(tokens)} tokens</span>}
      {llm.cost_usd !== null ? <span>{formatMoney(llm.cost_usd)}</span> : llm.price === 'unknown' && <span className="tone-warn">cost unknown</span>}
      {injection && (injection.tone === 'bad' || injection.tone === 'warn') && (
        <strong className={`tone-${injection.tone}`}>
          injection {injection.text} {injection.verdict}
        </strong>
      )}
    </span>
  );
}

// The whole row is a target for the pointer; the keyboard and everything else use the link in it.
function follow(event: React.MouseEvent<HTMLElement>, to: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if ((event.target as HTMLElement).closest('a, button') || getSelection()?.toString()) return;
  navigate(to);
}
