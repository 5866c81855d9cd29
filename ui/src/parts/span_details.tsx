// Everything about one span: what failed, what the model said, tags, links, events.
import { useState } from 'react';
import { formatCount, formatNs, formatUtc } from '../model/format';
import { asText, type Json } from '../model/json';
import { plain } from '../model/llm_io';
import { labelText } from '../model/plain_text';
import { quoteValue } from '../model/search_query';
import { spanError, spanTitle, type Span } from '../model/span';
import { pagePath, sessionPath, tracePath, userPath } from '../model/spans_url';
import { Link } from '../router';
import { Fact, LlmView } from './llm_view';
import { CopyButton, Label, LongText } from './plain';

interface SpanDetailsProps {
  span: Span;
  trace_start_ns: number;
  onZoom: () => void;
  onClose: () => void;
}

export function SpanDetails({ span, trace_start_ns, onZoom, onClose }: SpanDetailsProps) {
  const title = spanTitle(span) || 'unnamed';
  return (
    <section className="panel span-details" aria-labelledby="span-title" data-testid="span-details">
      <div className="span-details-head">
        <h2 id="span-title" tabIndex={-1}>
          <Label text={title} />
        </h2>
        <button type="button" className="quiet" onClick={onClose} aria-label="Close the details">
          Close
        </button>
      </div>
      <dl className="strip">
        <Fact name="Service" value={span.service} />
        {span.name !== title && <Fact name="Operation" value={span.name} />}
        <Fact name="Duration" value={formatNs(span.duration_ns)} />
        <Fact name="Starts after" value={formatNs(span.start_ns - trace_start_ns)} />
        <Fact name="Type" value={span.type} />
        <Fact name="Environment" value={span.env} />
        <Fact name="Version" value={span.version} />
        <Fact name="Host" value={span.host} />
      </dl>
      <p className="span-links">
        <button type="button" onClick={onZoom}>
          Zoom to it
        </button>
        <Link to={pagePath('/traces', { query: `service:${quoteValue(span.service)} resource_name:${quoteValue(span.resource)}` })}>
          Spans like this
        </Link>
        {span.session_id !== '' && <Link to={sessionPath(span.session_id)}>Session {labelText(span.session_id, 40)}</Link>}
        {span.user_id !== '' && <Link to={userPath(span.user_id)}>User {labelText(span.user_id, 40)}</Link>}
      </p>
      {span.error && <ErrorOf span={span} />}
      {span.llm && <LlmView llm={span.llm} />}
      <Tags span={span} />
      <Links span={span} />
      <Events span={span} />
      <p className="muted note ids">
        Span <code>{labelText(span.span_id, 40)}</code> <CopyButton text={span.span_id} what="the span id" /> started{' '}
        {formatUtc(span.start_ns / 1e9)}
      </p>
    </section>
  );
}

function ErrorOf({ span }: { span: Span }) {
  const { type, message, stack } = spanError(span);
  return (
    <div className="notice notice-bad" data-testid="span-error">
      <strong>{type === '' ? 'Failed' : labelText(type)}</strong>
      {message !== '' && <LongText text={message} first={1000} />}
      {type === '' && message === '' && <p>It is marked as failed; the client said nothing about why.</p>}
      {span.error_fingerprint !== '' && (
        <p>
          <Link to={pagePath('/errors', {}, { fingerprint: span.error_fingerprint })}>This error over time</Link>
        </p>
      )}
      {stack !== '' && (
        <details className="folded">
          <summary>Stack</summary>
          <LongText text={stack} code />
        </details>
      )}
    </div>
  );
}

const kTagsShown = 300;
const kFilterFrom = 12;

function Tags({ span }: { span: Span }) {
  const [filter, setFilter] = useState('');
  const all: [string, string][] = [
    ...Object.entries(span.meta).map(([name, value]): [string, string] => [name, asText(value) || plain(value)]),
    ...Object.entries(span.metrics).map(([name, value]): [string, string] => [name, asText(value)]),
    ...(span.llm?.tags ?? []).map((tag): [string, string] => {
      const colon = tag.indexOf(':');
      return colon < 0 ? [tag, ''] : [tag.slice(0, colon), tag.slice(colon + 1)];
    }),
  ];
  if (all.length === 0) return null;
  const needle = filter.trim().toLowerCase();
  const found = all.filter(([name, value]) => needle === '' || `${name}\n${value}`.toLowerCase().includes(needle));
  found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return (
    <section className="io">
      <h3>Tags</h3>
      {all.length > kFilterFrom && (
        <input type="search" className="filter" placeholder="Filter tags" aria-label="Filter tags" value={filter} onChange={(event) => setFilter(event.target.value)} />
      )}
      <table className="table tag-table">
        <tbody>
          {found.slice(0, kTagsShown).map(([name, value], i) => (
            <tr key={`${name} ${i}`}>
              <th scope="row">
                <Label text={name} max={120} />
              </th>
              <td>
                <LongText text={value} first={300} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > kTagsShown && <p className="muted">and {formatCount(found.length - kTagsShown)} more: filter to see them.</p>}
      {found.length === 0 && <p className="muted">No tag matches.</p>}
    </section>
  );
}

const kLinksShown = 50;

function Links({ span }: { span: Span }) {
  if (span.links.length === 0) return null;
  return (
    <section className="io">
      <h3>Links</h3>
      <ul className="plain-list">
        {span.links.slice(0, kLinksShown).map((link, i) => (
          <li key={i}>
            <Link to={tracePath(link.trace_id, link.span_id)}>
              Trace <code>{labelText(link.trace_id, 40)}</code>
            </Link>
            <Attributes attributes={link.attributes} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Events({ span }: { span: Span }) {
  if (span.events.length === 0) return null;
  return (
    <section className="io">
      <h3>Events</h3>
      <ul className="plain-list">
        {span.events.slice(0, kLinksShown).map((event, i) => (
          <li key={i}>
            <strong>
              <Label text={event.name} />
            </strong>
            {event.time_ns !== null && <span className="muted"> after {formatNs(event.time_ns - span.start_ns)}</span>}
            <Attributes attributes={event.attributes} />
          </li>
        ))}
      </ul>
      {span.events.length > kLinksShown && <p className="muted">and {formatCount(span.events.length - kLinksShown)} more</p>}
    </section>
  );
}

function Attributes({ attributes }: { attributes: Json }) {
  if (Object.keys(attributes).length === 0) return null;
  return <LongText text={plain(attributes)} code first={600} />;
}
