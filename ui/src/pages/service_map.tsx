// Who calls whom, how often, how slowly, and what fails. The drawing is one look; the tables below say the same in words.
import { useCallback, useMemo } from 'react';
import { useResource } from '../api/resource';
import { formatCount, formatNs, formatPercent } from '../model/format';
import { labelText } from '../model/plain_text';
import { quoteValue } from '../model/search_query';
import { errorTone, kNodeHeight, kNodeWidth, layoutMap, nodeName, perSecond, rateText, readServiceMap, type MapEdge, type MapNode, type PlacedEdge, type PlacedNode, type ServiceMap } from '../model/service_map';
import { apiPath, pagePath, readSearchState } from '../model/spans_url';
import { resolveRange, type TimeRange } from '../model/time_range';
import { Label } from '../parts/plain';
import { RangePicker } from '../parts/range_picker';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { Link, navigate, useSearch } from '../router';

const kPoll_ms = 15_000;

export function ServiceMapPage() {
  const [params] = useSearch();
  const search = params.toString();
  const state = useMemo(() => readSearchState(search), [search]);
  const env = params.get('env') ?? '';
  const chosen = params.get('service') ?? '';
  const path = useCallback(() => apiPath('service-map', { ...state, query: '' }, { env }), [state, env]);
  const answer = useResource<unknown>(path, { topics: ['metrics'], poll_ms: kPoll_ms, paused: state.range.kind === 'fixed', bridge: true });
  const map = useMemo(() => (answer.data === null ? null : readServiceMap(answer.data)), [answer.data]);
  const show = (next: { range?: TimeRange; service?: string }): void =>
    navigate(pagePath('/service-map', { range: next.range ?? state.range }, { env, service: next.service ?? chosen }));
  const { from_s, to_s } = resolveRange(state.range, answer.loaded_s ?? Date.now() / 1000);
  return (
    <div className="map-page">
      <div className="page-head">
        <h1 tabIndex={-1}>Service map</h1>
        <RangePicker range={state.range} onChange={(range) => show({ range })} />
      </div>
      <StaleNotice error={map ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {map?.warnings.map((warning) => (
        <p key={warning} className="notice notice-warn">
          {warning}
        </p>
      ))}
      {map ? (
        map.nodes.length > 0 ? (
          <MapView map={map} range={state.range} range_s={to_s - from_s} chosen={chosen} onChoose={(service) => show({ service: service === chosen ? '' : service })} />
        ) : (
          <EmptyState title="No service has sent spans in this time range">
            Point a client at the trace agent on port 8126; a service is here within seconds of its first span.
          </EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the service map" retry={answer.reload} />
      ) : (
        <Loading what="the service map" rows={8} />
      )}
    </div>
  );
}

interface MapViewProps {
  map: ServiceMap;
  range: TimeRange;
  range_s: number;
  chosen: string;
  onChoose: (service: string) => void;
}

function MapView({ map, range, range_s, chosen, onChoose }: MapViewProps) {
  const layout = useMemo(() => layoutMap(map), [map]);
  const rate = (requests: number): string => rateText(perSecond(requests, map, range_s));
  const touches = (edge: MapEdge): boolean => chosen === '' || edge.from === chosen || edge.to === chosen;
  const beside = new Set(map.edges.filter(touches).flatMap((edge) => [edge.from, edge.to]));
  return (
    <>
      <section className="panel map-panel" aria-label="Drawing">
        <svg
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ '--map-width': `${Math.min(layout.width, 1400)}px` } as React.CSSProperties}
          className="service-map"
          role="group"
          aria-label="Services and their calls"
          data-testid="service-map"
        >
          <defs>
            {(['bad', 'warn', 'good', 'none'] as const).map((tone) => (
              <marker key={tone} id={`arrow-${tone}`} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
                <path d="M0 0 10 5 0 10z" className={`map-arrow map-${tone}`} />
              </marker>
            ))}
          </defs>
          {layout.edges.map((edge) => (
            <path
              key={`${edge.from}\n${edge.to}`}
              d={edge.path}
              className={`map-edge map-${errorTone(edge.requests, edge.errors)} ${touches(edge) ? '' : 'faint'}`}
              markerEnd={`url(#arrow-${errorTone(edge.requests, edge.errors)})`}
              strokeDasharray={edge.backwards ? '5 4' : undefined}
            />
          ))}
          {layout.edges.map((edge) => (
            <EdgeLabel key={`${edge.from}\n${edge.to}`} edge={edge} faint={!touches(edge)} rate={rate} />
          ))}
          {layout.nodes.map((node) => (
            <NodeView
              key={node.service}
              node={node}
              faint={chosen !== '' && node.service !== chosen && !beside.has(node.service)}
              chosen={node.service === chosen}
              rate={rate}
              onChoose={() => onChoose(node.service)}
            />
          ))}
        </svg>
        {layout.left_out > 0 && <p className="muted">The busiest services are drawn; {formatCount(layout.left_out)} more are in the table.</p>}
      </section>
      <Tables map={map} range={range} chosen={chosen} rate={rate} />
    </>
  );
}

function NodeView({ node, faint, chosen, rate, onChoose }: { node: PlacedNode; faint: boolean; chosen: boolean; rate: (requests: number) => string; onChoose: () => void }) {
  const tone = errorTone(node.requests, node.errors);
  const failing = node.requests > 0 ? formatPercent(node.errors / node.requests) : '–';
  const p95 = node.p95_ms === null ? '–' : formatNs(node.p95_ms * 1e6);
  const name = nodeName(labelText(node.service, 60));
  return (
    <g
      transform={`translate(${node.x} ${node.y})`}
      className={`map-node map-${tone} ${faint ? 'faint' : ''} ${chosen ? 'chosen' : ''}`}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      aria-label={`${labelText(node.service, 60)}: ${rate(node.requests)}, ${failing} failing, p95 ${p95}`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onChoose();
      }}
    >
      <rect width={kNodeWidth} height={kNodeHeight} rx="10" />
      {name.cut && <title>{labelText(node.service, 200)}</title>}
      {name.lines.map((line, i) => (
        <text key={i} x="12" y={name.lines.length === 1 ? 24 : 17 + i * 14} className="map-name" style={{ fontSize: name.font_px }}>
          {line}
        </text>
      ))}
      <text x="12" y={name.lines.length === 1 ? 44 : 46} className="map-numbers">
        {rate(node.requests)} · p95 {p95}
      </text>
      <text x="12" y={name.lines.length === 1 ? 59 : 60} className="map-errors">
        {node.errors > 0 ? `${tone === 'good' ? '' : '▲ '}${failing} failing` : node.requests > 0 ? 'no errors' : 'no requests'}
      </text>
    </g>
  );
}

function EdgeLabel({ edge, faint, rate }: { edge: PlacedEdge; faint: boolean; rate: (requests: number) => string }) {
  const tone = errorTone(edge.requests, edge.errors);
  const failing = tone === 'bad' || tone === 'warn' ? ` ${formatPercent(edge.errors / edge.requests)} failing` : '';
  return (
    <text x={edge.label.x} y={edge.label.y - 5} textAnchor="middle" className={`map-label map-${tone} ${faint ? 'faint' : ''}`}>
      {rate(edge.requests)}
      {failing}
    </text>
  );
}

function Tables({ map, range, chosen, rate }: { map: ServiceMap; range: TimeRange; chosen: string; rate: (requests: number) => string }) {
  const nodes = chosen === '' ? map.nodes : map.nodes.filter((node) => node.service === chosen);
  const edges = chosen === '' ? map.edges : map.edges.filter((edge) => edge.from === chosen || edge.to === chosen);
  return (
    <div className="map-tables">
      <section className="panel" aria-labelledby="services-title">
        <h2 id="services-title">Services</h2>
        <RedTable
          rows={nodes}
          first="Service"
          keyOf={(node) => node.service}
          nameOf={(node: MapNode) => (
            <Link to={pagePath('/traces', { query: `service:${quoteValue(node.service)}`, range })}>
              <Label text={node.service} max={60} />
            </Link>
          )}
          rate={rate}
          id="map-services"
        />
      </section>
      <section className="panel" aria-labelledby="calls-title">
        <h2 id="calls-title">Calls</h2>
        {edges.length === 0 ? (
          <p className="muted">No service calls another here.</p>
        ) : (
          <RedTable
            rows={edges}
            first="From and to"
            keyOf={(edge) => `${edge.from}\n${edge.to}`}
            nameOf={(edge: MapEdge) => (
              <>
                <Label text={edge.from} max={60} /> → <Label text={edge.to} max={60} />
              </>
            )}
            rate={rate}
            id="map-calls"
          />
        )}
      </section>
    </div>
  );
}

interface RedTableProps<Row extends { requests: number; errors: number; p95_ms: number | null }> {
  rows: readonly Row[];
  first: string;
  keyOf: (row: Row) => string;
  nameOf: (row: Row) => React.ReactNode;
  rate: (requests: number) => string;
  id: string;
}

const kRowsMax = 200;

function RedTable<Row extends { requests: number; errors: number; p95_ms: number | null }>({ rows, first, keyOf, nameOf, rate, id }: RedTableProps<Row>) {
  return (
    <>
      <table className="table cards" data-testid={id}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col" className="num">
              Requests
            </th>
            <th scope="col" className="num">
              Errors
            </th>
            <th scope="col" className="num">
              p95
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, kRowsMax).map((row) => {
            const tone = errorTone(row.requests, row.errors);
            return (
              <tr key={keyOf(row)}>
                <th scope="row" className="wrap-anywhere">
                  {nameOf(row)}
                </th>
                <td className="num" data-label="Requests">
                  {formatCount(row.requests)}
                  <small>{rate(row.requests)}</small>
                </td>
                <td className="num" data-label="Errors">
                  <span className={tone === 'good' || tone === 'none' ? '' : `tone-${tone}`}>{formatCount(row.errors)}</span>
                  {row.requests > 0 && <small>{formatPercent(row.errors / row.requests)}</small>}
                </td>
                <td className="num" data-label="p95">
                  {row.p95_ms === null ? '–' : formatNs(row.p95_ms * 1e6)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length > kRowsMax && <p className="muted">and {formatCount(rows.length - kRowsMax)} more</p>}
    </>
  );
}
